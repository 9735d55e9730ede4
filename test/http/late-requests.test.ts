import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { LateRequests } from '../../agent/http/late-requests.ts'
import { ManualClock } from '../manual-clock.ts'

/** A connection on which bytes arrive between Node's timeout event and the next look. */
function judged(
  req: IncomingMessage | undefined,
  meanwhile: (late: LateRequests, socket: Socket) => void = () => undefined,
) {
  const clock = new ManualClock()
  const late = new LateRequests({ clock, limitMs: 15_000 })
  const socket = new Socket()
  let [bytesRead, refusals] = [100, 0]
  Object.defineProperty(socket, 'bytesRead', { get: () => bytesRead })
  const judging = late.judge(socket, req, () => refusals++)
  bytesRead += 11
  meanwhile(late, socket)
  return { clock, judging, refusals: () => refusals }
}

test('headers that are late and incomplete are refused at once, also if more of them came in the meantime', async () => {
  const { judging, refusals } = judged(undefined)
  await judging
  expect(refusals()).toBe(1)
})

test('a body that grew in the meantime gets its time again, and no longer', async () => {
  const { clock, judging, refusals } = judged({ complete: false } as IncomingMessage)
  await judging
  await clock.advance(14_999)
  expect(refusals()).toBe(0)
  await clock.advance(1)
  expect(refusals()).toBe(1)
})

test('headers that became whole in that moment are served, and their body gets its time', async () => {
  const req = { complete: false } as { complete: boolean; socket: Socket }
  const { clock, judging, refusals } = judged(undefined, (late, socket) => {
    late.noteRequest(Object.assign(req, { socket }) as IncomingMessage)
  })
  await judging
  expect(refusals()).toBe(0)
  req.complete = true
  await clock.advance(15_000)
  expect(refusals()).toBe(0)
})
