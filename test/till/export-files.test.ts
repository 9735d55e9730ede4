import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { NewEvent } from '../../agent/journal/events.ts'
import type { ExportType } from '../../agent/laws/export-type.ts'
import type { ExportsOptions } from '../../agent/till/exports/exports.ts'
import { Exports } from '../../agent/till/exports/exports.ts'
import type { Access } from '../../agent/till/requests.ts'
import { deferred } from '../http/harness.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'

const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
const OFFICE: Access = { caller: { kind: 'platform', keyId: 'key_1' }, merchantId: 'merchant_1' }

function till(registerId: string, merchantId = 'merchant_1'): Access {
  return { caller: { kind: 'register', keyId: 'key_2', registerId }, merchantId }
}

/** Export `exp_1` of register `reg_1`, and `exp_2` of the whole merchant; both are written when the test allows it. */
async function pending() {
  const [directory, clock, written] = [await temporaryDirectory(), new ManualClock(), deferred()]
  const journal = await openJournal(directory, { clock })
  const index = { kind: 'export', merchant: 'merchant_1' } as const
  const requested = (id: string, more: object): NewEvent => {
    const set = { id, type: 'slow', status: 'pending', ...RANGE, created_at: RANGE.from, ...more }
    return { kind: 'export.requested', op: id, body: { index, set, own: { merchant_id: 'merchant_1' } } }
  }
  const events = [requested('exp_1', { register_id: 'reg_1' }), requested('exp_2', {})]
  await journal.commit('intent', () => ({ events, result: undefined }))
  let fails = false
  const slow: ExportType = {
    extension: 'tar',
    mediaType: 'application/x-tar',
    plan: () => undefined,
    write: async (_range, file, { signal }) => {
      const stopped = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      await Promise.race([written.promise, stopped])
      if (fails) throw new Error('the unit has no archive')
      await writeFile(file, 'log message')
      return { file }
    },
  }
  const options: Partial<ExportsOptions> = {
    ...{ journal, clock, stateDirectory: directory, exportDirectory: directory, types: { slow } },
    ...{ linkKey: randomBytes(32), baseUrl: () => 'http://127.0.0.1:7070' },
    onError: (error) => {
      throw error
    },
  }
  const exports = new Exports(options as ExportsOptions)
  exports.start()
  return {
    clock,
    exports,
    fail: () => (fails = true),
    write: written.resolve,
    file: (access: Access, id: string, gone = new AbortController().signal) =>
      exports.file(access, id, gone).then(
        ({ fileName }) => fileName,
        ({ code, details }) => ({ code, ...details }),
      ),
    [Symbol.asyncDispose]: async () => {
      await exports.stop()
      await journal.close()
    },
  }
}

test('a request for the file of a pending export waits for its end, without a look at the clock', async () => {
  await using of = await pending()
  const waiting = [of.file(OFFICE, 'exp_1'), of.file(till('reg_1'), 'exp_1'), of.file(OFFICE, 'exp_2')]
  of.write()
  expect(await Promise.all(waiting)).toEqual(['slow-exp_1.tar', 'slow-exp_1.tar', 'slow-exp_2.tar'])
  expect(await of.file(OFFICE, 'exp_1')).toBe('slow-exp_1.tar')
})

test('the wait for an export ends after 10 s with a refusal that says it is pending', async () => {
  await using of = await pending()
  let answer: unknown
  const waiting = of.file(OFFICE, 'exp_1').then((file) => (answer = file))
  await of.clock.advance(9_999)
  expect(answer).toBe(undefined)
  await of.clock.advance(1)
  await waiting
  expect(answer).toEqual({ code: 'not_found', resource: 'export', id: 'exp_1', status: 'pending' })
  of.write()
})

test('an export that fails while its file is waited for answers at once, with its status', async () => {
  await using of = await pending()
  const waiting = of.file(OFFICE, 'exp_1')
  of.fail()
  of.write()
  expect(await waiting).toEqual({ code: 'not_found', resource: 'export', id: 'exp_1', status: 'failed' })
})

test('a caller that disconnects, and a stop, end the wait for an export', async () => {
  await using of = await pending()
  const gone = new AbortController()
  const left = of.file(OFFICE, 'exp_1', gone.signal)
  gone.abort()
  expect(await left).toMatchObject({ code: 'not_found', status: 'pending' })
  const stopped = of.file(OFFICE, 'exp_1')
  await of.exports.stop()
  expect([await stopped, await of.file(OFFICE, 'exp_2')]).toEqual([
    { code: 'shutting_down' },
    { code: 'shutting_down' },
  ])
})

test("a register's key reaches the exports of that register, and none of others or of all", async () => {
  await using of = await pending()
  of.write()
  expect(await of.file(till('reg_1'), 'exp_1')).toBe('slow-exp_1.tar')
  const unknown = { code: 'not_found', resource: 'export' }
  expect(await of.file(till('reg_2'), 'exp_1')).toEqual({ ...unknown, id: 'exp_1' })
  expect(await of.file(till('reg_1'), 'exp_2')).toEqual({ ...unknown, id: 'exp_2' })
  expect(await of.file(till('reg_1', 'merchant_2'), 'exp_1')).toEqual({ ...unknown, id: 'exp_1' })
  expect(await of.file({ ...OFFICE, merchantId: 'merchant_2' }, 'exp_1')).toEqual({ ...unknown, id: 'exp_1' })
  expect(await of.file(OFFICE, 'exp_3')).toEqual({ ...unknown, id: 'exp_3' })
})

test('a link is valid for its export alone, for an hour, and its signature cannot be guessed', async () => {
  await using of = await pending()
  const linked = (id: string, link: string) => {
    const { searchParams } = new URL(link)
    const [signature, expires] = [searchParams.get('signature') ?? '', searchParams.get('expires') ?? '']
    return of.exports.linkedFile(id, { signature, expires })?.fileName
  }
  expect(of.exports.get(OFFICE, 'exp_1')).not.toHaveProperty('download_url')
  of.write()
  await of.file(OFFICE, 'exp_2')
  const url = String(of.exports.get(OFFICE, 'exp_1')['download_url'])
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:7070\/v1\/exports\/exp_1\/file\?signature=[\w-]{43}&expires=\d+$/)
  expect([linked('exp_1', url), linked('exp_2', url)]).toEqual(['slow-exp_1.tar', undefined])
  expect(linked('exp_1', url.replace(/expires=\d/, 'expires=9'))).toBe(undefined)
  expect(linked('exp_1', url.replace('signature=', 'signature=x'))).toBe(undefined)
  await of.clock.advance(3_600_000)
  expect(linked('exp_1', url)).toBe(undefined)
})
