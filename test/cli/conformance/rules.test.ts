import { describe, expect, test } from 'vitest'
import { PlayedRequests, shown } from './played-requests.ts'

/** Found in any sale that is completed. */
const EVERY = ['T-1 kept', 'T-14 kept', 'T-15 kept']
const BUSY = { code: 'fiscal_device_busy' }
const MISMATCH = { code: 'payment_total_mismatch' }

test('a sale that is completed keeps the rules about keys, amounts and the key of the register', () => {
  const played = new PlayedRequests()
  played.create('a')
  played.complete('a')
  expect(played.found()).toEqual(EVERY)
})

describe('T-1', () => {
  test('a change without a key, and a key with another request after 2xx, break it', () => {
    const played = new PlayedRequests()
    played.answer(played.ask({ body: { type: 'session_open' } }), 400, { code: 'invalid_request' })
    played.create('a')
    played.answer(played.ask({ key: 'a', body: { type: 'sale', total_amount: '9.00' } }), 409, {})
    expect(played.broken()).toEqual([
      'T-1 It has no Idempotency-Key.',
      expect.stringMatching(/^T-1 Its key was used for another request/),
    ])
  })

  test('a refusal frees the key, and the same key on another route is another one', () => {
    const played = new PlayedRequests()
    played.answer(played.ask({ key: 'a', body: { type: 'sale', total_amount: 1 } }), 422, { code: 'amount' })
    played.create('a')
    played.complete('a', { key: 'a' })
    expect(played.broken()).toEqual([])
  })

  test('a trial needs no key', () => {
    const played = new PlayedRequests()
    played.answer(played.ask({ body: { type: 'sale' }, headers: { prefer: 'dry-run' } }), 200, {})
    expect(played.found()).toEqual([])
  })
})

describe('T-2', () => {
  test('the same create after its lost answer keeps it', () => {
    const played = shown('create-lost', (till) => void till.create('a'))
    expect(played.found()).toEqual(['T-2 kept'])
  })

  test('the basket under another key, and the next basket, break it', () => {
    const changed = shown('create-lost', (till) => void till.create('b'))
    expect(changed.broken()).toEqual(['T-2 After the answer was lost the same basket was sent with another key.'])
    const stopped = shown('create-lost', (till) => void till.create('b', { body: { type: 'sale', note: 'other' } }))
    expect(stopped.broken()).toEqual(['T-2 After the answer was lost the next basket began.'])
  })

  test('a completion with another key or body breaks it', () => {
    const sent = [
      [{ key: 'other' }, 'T-2 After the answer was lost it was sent with another key.'],
      [{ body: { payments: [] } }, 'T-2 After the answer was lost it was sent with another path or body.'],
    ] as const
    for (const [again, broken] of sent) {
      const played = shown('completion-lost', (till) => {
        till.complete('a', {}, { isLost: true })
        till.complete('a', again)
      })
      expect(played.broken()).toContain(broken)
    }
  })

  test('a void, and the end of the till, break it', () => {
    const voided = shown('completion-lost', (till) => {
      till.complete('a', {}, { isLost: true })
      till.void('a')
    })
    expect(voided.broken()).toEqual(['T-2 It follows a request that has no answer yet.'])
    const ended = shown('create-lost', (till) => till.book.over())
    expect(ended.broken()).toEqual(['T-2 After the answer was lost it was not sent again.'])
  })

  test('the fault of a basket hits no other one', () => {
    const played = shown('completion-lost', (till) => void till.create('b'))
    played.complete('a')
    played.complete('b', {}, { isLost: true })
    played.complete('b', { key: 'other' })
    expect(played.broken()).toEqual([])
  })
})

describe('T-3', () => {
  test('an answer, or a read of the operation, before the next create keeps it', () => {
    const answered = shown('completion-lost-thrice', (till) => {
      till.complete('a', {}, { isLost: true })
      till.complete('a')
      till.create('b')
    })
    const read = shown('completion-lost-thrice', (till) => {
      till.complete('a', {}, { isLost: true })
      till.read('a', { status: 'completed', resource_version: 2 })
      till.create('b')
    })
    expect(answered.found()).toContain('T-3 kept')
    expect(read.found()).toEqual(['T-3 kept'])
  })

  test('a create while the outcome is unknown breaks it', () => {
    const played = shown('completion-lost-thrice', (till) => {
      till.complete('a', {}, { isLost: true })
      till.create('b')
    })
    expect(played.found()).toEqual(['T-3 broken'])
  })
})

describe('T-4', () => {
  test('a connection that waits keeps it, one that is closed breaks it', () => {
    const waited = shown('answer-late', (till) => till.complete('a'))
    expect(waited.found()).toEqual(['T-1 kept', 'T-4 kept', 'T-14 kept', 'T-15 kept'])
    const closed = shown('answer-late', (till) => {
      const exchange = till.askCompletion('a')
      till.book.left(exchange, till.book.baskets.of(exchange), 5000)
      till.complete('a')
    })
    expect(closed.broken()).toEqual(['T-4 The till closed the connection after 5.0 s.'])
  })

  test('the same request while the first one waits breaks it', () => {
    const played = shown('answer-late', (till) => {
      till.askCompletion('a')
      till.nowMs = 3000
      till.complete('a')
    })
    expect(played.broken()).toEqual(['T-4 The till closed the connection after 3.0 s.'])
  })
})

describe('T-5', () => {
  const refused = (then: (played: PlayedRequests) => void): PlayedRequests =>
    shown('device-busy', (till) => {
      till.answer(till.askCompletion('a'), 503, BUSY, { isMadeUp: true })
      then(till)
    })

  test.each([
    [2000, undefined],
    [1990, undefined],
    [1000, 'T-5 It was sent again after 1.0 s; Retry-After was 2.0 s.'],
  ])('sent again after %d ms: %s', (ms, broken) => {
    const played = refused((till) => {
      till.nowMs = ms
      till.complete('a')
    })
    expect(played.broken()).toEqual(broken === undefined ? [] : [broken])
    expect(played.found()).toContain(broken === undefined ? 'T-5 kept' : 'T-5 broken')
  })

  test('the next basket, a void, another key, and the end break it', () => {
    const others = [
      (till: PlayedRequests) => void till.create('b'),
      (till: PlayedRequests) => till.void('a'),
      (till: PlayedRequests) => {
        till.nowMs = 2500
        till.complete('a', { key: 'other' })
      },
      (till: PlayedRequests) => till.book.over(),
    ]
    for (const then of others) expect(refused(then).found()).toContain('T-5 broken')
  })
})

describe('T-6', () => {
  const refused = (times: number): PlayedRequests =>
    shown('amounts-refused', (till) => {
      for (let sent = 0; sent < times; sent++)
        till.answer(till.askCompletion('a', { key: `k${sent}` }), 422, MISMATCH, { isMadeUp: true })
    })

  test('twice the same body is one too many taps, three times breaks it, whatever the key', () => {
    const twice = refused(2)
    twice.void('a')
    expect(twice.found()).toEqual(['T-6 kept'])
    expect(refused(3).broken()).toEqual(['T-6 It was refused, and sent 3 times as it was.'])
  })

  test('another body, the next basket, and the end keep it', () => {
    const other = refused(1)
    other.complete('a', { body: { payments: ['other'] } })
    const next = refused(1)
    next.create('b')
    const ended = refused(1)
    ended.book.over()
    for (const played of [other, next, ended]) expect(played.found()).toContain('T-6 kept')
  })
})

describe('T-10 and T-11', () => {
  test.each([
    ['T-10', 'agent-killed'],
    ['T-11', 'till-killed'],
  ] as const)('%s: an end of the operation keeps it', (rule, fault) => {
    for (const end of ['complete', 'void'] as const) {
      const played = new PlayedRequests()
      played.create('a', { isLost: true, fault })
      played.create('a')
      played[end]('a')
      played.book.over()
      expect(played.found()).toContain(`${rule} kept`)
    }
  })

  test('T-10: an operation that stays open breaks it', () => {
    const played = shown('agent-killed', (till) => till.book.over())
    expect(played.found()).toEqual(['T-10 broken'])
  })

  test('T-11: a till that looks at the operation and leaves it breaks it, one without a store is asked', () => {
    const looked = shown('till-killed', (till) => {
      till.create('a')
      till.book.over()
    })
    expect(looked.found()).toEqual(['T-11 broken'])
    expect(shown('till-killed', (till) => till.book.over()).found()).toEqual(['T-11 asked'])
  })
})

describe('T-12', () => {
  const counted = (played: PlayedRequests, ...ids: string[]): readonly string[] => {
    played.event('session_cash_count', 409, { code: 'open_operations', details: { operation_ids: ids } })
    return played.broken().filter((note) => note.startsWith('T-12'))
  }

  test('an operation that is open at the count breaks it, unless a restart or a broken rule left it', () => {
    const played = shown('agent-killed', (till) => void till.create('b', { isLost: true, fault: 'create-lost' }))
    played.create('c')
    expect(counted(played, 'op_a', 'op_b')).toEqual([])
    expect(counted(played, 'op_a', 'op_c')).toEqual(['T-12 At the count op_c was open.'])
  })

  test('a count that is taken keeps it', () => {
    const played = new PlayedRequests()
    played.event('session_cash_count')
    expect(played.found()).toEqual(['T-12 kept'])
  })
})

describe('T-13', () => {
  test.each(['no_open_session', 'session_invalid_state', 'session_already_counted', 'session_not_counted'])(
    '%s breaks it',
    (code) => {
      const played = new PlayedRequests()
      played.event('session_close', 409, { code })
      expect(played.broken()).toEqual([`T-13 It was answered ${code}.`])
    },
  )

  test('a shift that is closed keeps it, and a till that was killed may open its shift again', () => {
    const played = new PlayedRequests()
    played.book.killed()
    played.event('session_open', 409, { code: 'session_invalid_state' })
    played.event('session_close')
    expect(played.found()).toEqual(['T-13 kept'])
  })
})

test('T-14: a refusal of an amount by the agent breaks it, one that the run made up does not', () => {
  const number = { code: 'invalid_request', details: { errors: [{ pointer: '/payments/0/amount' }] } }
  const sum = { code: 'amount_mismatch' }
  for (const [status, body] of [
    [400, number],
    [422, sum],
  ] as const) {
    const played = new PlayedRequests()
    played.create('a')
    const exchange = played.askCompletion('a')
    played.answer(exchange, status, body, { isMadeUp: true })
    expect(played.broken()).toEqual([])
    played.answer(exchange, status, body)
    expect(played.found()).toEqual(['T-14 broken'])
  }
})

test('T-15: another header, and a key in the URL, break it and are in no report', () => {
  const played = new PlayedRequests()
  played.ask({ method: 'GET', target: '/v1/operations?key=ofk_reg_secret' })
  played.ask({ method: 'GET', target: '/v1/operations/ofk_reg_secret' })
  played.ask({ method: 'GET', target: '/v1/operations', headers: { authorization: 'Bearer ofk_platform_x' } })
  const evidence = played.book.notes.of('T-15', 'broken')
  expect(evidence).toHaveLength(3)
  expect(JSON.stringify(evidence)).not.toContain('secret')
})

describe('T-16', () => {
  const unprinted = (then: (played: PlayedRequests) => void): PlayedRequests =>
    shown('paper-out', (till) => {
      till.answer(till.askCompletion('a'), 503, { code: 'fiscal_device_unavailable' })
      then(till)
    })

  test('the same key until it is printed keeps it', () => {
    const played = unprinted((till) => {
      till.answer(till.askCompletion('a'), 503, { code: 'fiscal_device_unavailable' })
      till.complete('a')
    })
    expect(played.found()).toContain('T-16 kept')
  })

  test('a void, a new sale, another key, and the end break it', () => {
    const others = [
      (till: PlayedRequests) => till.void('a'),
      (till: PlayedRequests) => void till.create('b'),
      (till: PlayedRequests) => till.complete('a', { key: 'other' }),
      (till: PlayedRequests) => till.book.over(),
    ]
    for (const then of others) expect(unprinted(then).found()).toContain('T-16 broken')
  })
})

test.each([
  ['T-17', 'members-unknown'],
  ['T-18', 'connection-closed'],
] as const)('%s: an act that follows keeps it, none breaks it', (rule, fault) => {
  expect(shown(fault, (till) => till.complete('a')).found()).toContain(`${rule} kept`)
  expect(shown(fault, (till) => till.book.over()).found()).toEqual([`${rule} broken`])
})

test('a path shows no key by which it names an operation', () => {
  const { path } = new PlayedRequests().ask({ method: 'GET', target: '/v1/operations/key%3Abasket-1?secret=1' })
  expect(path).toBe('/v1/operations/key:…')
})
