import { expect, test } from 'vitest'
import { factorOfMany, riskSentence } from './Risk'

test('a factor is said of one and of many', () => {
  expect(factorOfMany('attackPath', 1)).toBe('1 lies on an attack path')
  expect(factorOfMany('attackPath', 3)).toBe('3 lie on an attack path')
  expect(factorOfMany('criticalResource', 2)).toBe('2 are critical assets')
  expect(factorOfMany('vulnerability', 2)).toBe('2 have a vulnerability that can be exploited')
  expect(factorOfMany('lateralMovement', 2)).toBe('2 let whoever holds them move on')
  expect(factorOfMany('notExposed', 2)).toBe('2 cannot be reached from the internet')
})

test('a risk says which way it lies from the severity, and why', () => {
  const of = (level: 'critical' | 'medium', factors: Parameters<typeof riskSentence>[0]['factors']) =>
    riskSentence({ level, factors, exploitability: 0, impact: 0 }, 'medium')
  expect(of('critical', ['attackPath', 'criticalResource'])).toBe(
    'Critical risk, above its severity, which is medium: it lies on an attack path and is a critical asset.',
  )
  expect(of('medium', [])).toBe('Medium risk, as its severity: nothing is known that moves it.')
})
