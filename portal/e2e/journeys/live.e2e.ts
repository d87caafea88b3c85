// Something changes while somebody looks: it is told, and nothing moves before they want it.
import { expect, test } from '../fixture'

test('a change of somebody else is told and shown when one asks', async ({ own }) => {
  const { page, server, session } = own
  await page.goto('/')
  const sentence = page.getByText(/open recommendations concern/)
  await expect(sentence).toBeVisible()
  const before = await sentence.textContent()
  const listening = page.waitForResponse((it) => it.url().endsWith('/api/v1/events'))
  await page.reload()
  await listening
  await expect(sentence).toHaveText(before ?? '')

  const answer = await fetch(`${server.url}/api/v1/exemptions`, {
    method: 'POST',
    headers: {
      cookie: `__Host-merlon=${session}`,
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
    },
    body: JSON.stringify({
      target: { check: 'aws.s3.public-policy' },
      place: 'everywhere',
      category: 'mitigated',
      approver: 'Ada',
      reason: 'a content network stands in front of them',
    }),
  })
  expect(answer.ok).toBe(true)

  const notice = page.getByRole('button', { name: /1 change/ })
  await expect(notice).toBeVisible()
  await expect(sentence).toHaveText(before ?? '')
  await notice.click()
  await expect(sentence).not.toHaveText(before ?? '')
  await expect(notice).toBeHidden()
})
