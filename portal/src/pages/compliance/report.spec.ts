import { expect, test } from 'vitest'
import { type Report, reportCsv, reportHtml } from './report'

const report: Report = {
  made: '2026-11-22T10:00:00Z',
  by: 'Ada',
  recommendations: [],
  standard: {
    id: 'x-1',
    title: 'A <standard> & more',
    passed: 1,
    failed: 0,
    unknown: 0,
    notAssessed: 0,
    manual: 0,
    can: [],
    requirements: [
      {
        id: '1.1',
        title: '<script>alert(1)</script>',
        family: 'Access',
        state: 'passed',
        checks: ['a.b.c', 'd.e.f'],
        healthy: 3,
        unhealthy: 0,
        unknown: 0,
        attestation: {
          number: 1,
          state: 'compliant',
          at: '2026-11-01T00:00:00Z',
          by: 'Bob',
          comment: 'seen, "signed"',
          evidence: [{ number: 1, name: 'plan.pdf', mediaType: 'application/pdf', sha256: 'ab12' }],
        },
      },
    ],
  },
}

test('the page says all and runs nothing', () => {
  const page = reportHtml(report)
  expect(page).toContain('A &lt;standard&gt; &amp; more')
  expect(page).not.toContain('<script')
  expect(page).toContain('Attested as met by Bob on 1 Nov 2026: seen, &quot;signed&quot;')
  expect(page).toContain('plan.pdf, SHA-256 ab12')
})

test('the table has a row for each requirement', () => {
  expect(reportCsv(report).split('\r\n')[1]).toBe(
    '1.1,Access,<script>alert(1)</script>,passed,0,0,3,a.b.c d.e.f,compliant,Bob,2026-11-01T00:00:00Z,,"seen, ""signed"""',
  )
})
