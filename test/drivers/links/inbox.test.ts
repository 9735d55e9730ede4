import { describe, expect, test } from 'vitest'
import { Inbox } from '../../../drivers/links/inbox.ts'
import { ManualClock } from '../../manual-clock.ts'

describe('the input of a line', () => {
  test('is kept until it is read, and dropped on request', async () => {
    const inbox = new Inbox(new ManualClock())
    inbox.push(Buffer.from('ab'))
    inbox.push(Buffer.from('c'))
    expect((await inbox.next(10))?.toString()).toBe('abc')
    inbox.push(Buffer.from('late'))
    inbox.clear()
    const clock = new ManualClock()
    const other = new Inbox(clock)
    const waiting = other.next(10)
    await clock.advance(10)
    expect(await waiting).toBeUndefined()
  })

  test('is nothing after a piece without bytes, which would be read forever', async () => {
    const clock = new ManualClock()
    const inbox = new Inbox(clock)
    inbox.push(Buffer.alloc(0))
    const waiting = inbox.next(10)
    await clock.advance(10)
    expect(await waiting).toBeUndefined()
  })

  test('can be read completely after the line broke, then reports the break until it is reconnected', async () => {
    const inbox = new Inbox(new ManualClock())
    inbox.push(Buffer.from('rest'))
    inbox.fail('unplugged')
    expect((await inbox.next(10))?.toString()).toBe('rest')
    await expect(inbox.next(10)).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' })
    inbox.reset()
    inbox.push(Buffer.from('new'))
    expect((await inbox.next(10))?.toString()).toBe('new')
  })

  test('is bounded: a line that sends more than the agent reads is broken', async () => {
    const inbox = new Inbox(new ManualClock())
    for (let count = 0; count < 20; count += 1) inbox.push(Buffer.alloc(65_536))
    await inbox.next(10)
    await expect(inbox.next(10)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
