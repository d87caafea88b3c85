import { expect, test } from 'vitest'
import { actionFor, actionsKnownOn, actionsOn } from './actions'

const bucket = 'arn:aws:s3:::manifests'
const key = 'arn:aws:kms:eu-west-1:1:key/k'

test('a resource is asked about in the words of its cloud', () => {
  expect(actionsKnownOn(bucket)[0]).toBe('s3:GetObject')
  expect(actionsKnownOn('manifests')).toEqual([])
  expect(actionsOn('manifests').length).toBeGreaterThan(3)
})

test('the action stays when another resource is chosen, unless it is of another kind of thing', () => {
  expect(actionFor(bucket, '', undefined)).toBe('s3:GetObject')
  expect(actionFor(bucket, 's3:PutObject', bucket)).toBe('s3:PutObject')
  expect(actionFor(key, 's3:PutObject', bucket)).toBe('kms:Decrypt')
  expect(actionFor(key, 'kms:Sign', bucket)).toBe('kms:Sign')
  expect(actionFor('manifests', '', undefined)).toBe('')
})
