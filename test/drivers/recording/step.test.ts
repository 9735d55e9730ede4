import { expect, test } from 'vitest'
import { DeviceError } from '../../../drivers/errors.ts'
import { isUnanswered } from '../../../drivers/recording/recording.ts'
import { step } from '../../../drivers/recording/step.ts'

test('an answer that no driver expects is written down, and the next step follows', async () => {
  const said: string[] = []
  await step(
    (words) => said.push(words),
    'asks',
    async () => {
      throw new TypeError('x is not iterable')
    },
  )
  expect(said).toEqual(['asks', '  refused: failed TypeError'])
  expect(said.some(isUnanswered)).toBe(true)
})

test('a lost line ends the steps', async () => {
  const lost = new DeviceError('unavailable', 'unknown', 'the line broke')
  await expect(
    step(
      () => undefined,
      'asks',
      () => Promise.reject(lost),
    ),
  ).rejects.toBe(lost)
})
