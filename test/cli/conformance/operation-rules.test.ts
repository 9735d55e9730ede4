import { describe, expect, test } from 'vitest'
import { PlayedRequests, shown } from './played-requests.ts'

const STALE = { code: 'precondition_failed', details: { current_resource_version: 2 } }
const PENDING = { fiscal: { state: 'pending' } }
const UNSIGNED = { fiscal: { receipt_text: 'TSE ausgefallen' } }

describe('T-7', () => {
  test('a version that was not answered breaks it, a repetition never does', () => {
    const played = new PlayedRequests()
    played.create('a')
    played.complete('a', { version: 3 })
    expect(played.broken()).toEqual(['T-7 Its If-Match is 3, and the answer had version 1.'])
    const repeated = new PlayedRequests()
    repeated.create('a')
    repeated.complete('a')
    repeated.complete('a')
    expect(repeated.broken()).toEqual([])
  })

  test('a version of a lost answer is not known', () => {
    const played = new PlayedRequests()
    played.create('a', { isLost: true })
    played.complete('a', { version: 4 })
    expect(played.broken()).toEqual([])
  })

  const refused = (then: (played: PlayedRequests) => void): PlayedRequests =>
    shown('amended', (till) => {
      till.answer(till.askCompletion('a'), 412, STALE)
      then(till)
    })

  test('after 412 the operation is read, and its version sent', () => {
    const played = refused((till) => {
      till.read('a', { resource_version: 2 })
      till.complete('a', { version: 2 })
    })
    expect(played.found()).toEqual(['T-1 kept', 'T-7 kept', 'T-14 kept', 'T-15 kept'])
  })

  test('after 412 a completion without a read, and nothing at all, break it', () => {
    const unseen = refused((till) => till.complete('a', { version: 2 }))
    expect(unseen.broken()).toEqual(['T-7 After 412 it was completed, and the operation was not read.'])
    const nothing = refused((till) => void till.create('b'))
    expect(nothing.broken()).toEqual(['T-7 It was refused with 412, and nothing followed.'])
  })

  test('the same request after 412 is held against no one', () => {
    const played = refused((till) => {
      till.answer(till.askCompletion('a'), 412, STALE)
      till.read('a', { resource_version: 2 })
      till.void('a', 2)
    })
    expect(played.found()).toEqual(['T-7 kept'])
  })
})

describe('T-8', () => {
  const pending = (then: (played: PlayedRequests) => void): PlayedRequests =>
    shown('finish-slow', (till) => {
      till.complete('a', {}, { more: PENDING })
      then(till)
    })

  test('a read, a list, a stream, and the same key keep it', () => {
    const looks = [
      (till: PlayedRequests) => till.read('a'),
      (till: PlayedRequests) => void till.ask({ method: 'GET', target: '/v1/operations?status=completed' }),
      (till: PlayedRequests) => void till.ask({ method: 'GET', target: '/v1/events' }),
      (till: PlayedRequests) => till.complete('a'),
    ]
    for (const then of looks) expect(pending(then).found()).toContain('T-8 kept')
  })

  test('a stream that was open keeps it', () => {
    const played = new PlayedRequests()
    played.ask({ method: 'GET', target: '/v1/events' })
    played.create('a', { fault: 'finish-slow' })
    played.complete('a', {}, { more: PENDING })
    expect(played.found()).toContain('T-8 kept')
  })

  test('the close, and the end, break it', () => {
    expect(pending((till) => till.event('session_close')).found()).toContain('T-8 broken')
    expect(pending((till) => till.book.over()).found()).toContain('T-8 broken')
  })
})

test('T-9: a form of the receipt keeps it, else a person is asked', () => {
  const fetched = shown('device-unplugged', (till) => {
    till.complete('a', {}, { more: UNSIGNED })
    till.ask({ method: 'GET', target: '/v1/operations/op_a/receipt.pdf' })
    till.book.over()
  })
  expect(fetched.found()).toEqual(['T-1 kept', 'T-9 kept', 'T-14 kept', 'T-15 kept'])
  const own = shown('device-unplugged', (till) => {
    till.complete('a', {}, { more: UNSIGNED })
    till.book.over()
  })
  expect(own.found()).toContain('T-9 asked')
})
