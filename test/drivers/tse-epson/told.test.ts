import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import { encodeMessage, MessageReader } from '../../../drivers/tse-epson/codec.ts'
import { EpsonTse } from '../../../drivers/tse-epson/driver.ts'
import { collect } from '../../contracts/tse-checks.ts'

const GREETING = '<connect><data><client_id>sock1</client_id><protocol_version>2</protocol_version></data></connect>'
const OPENED = '<open_device><device_id>local_TSE</device_id><code>OK</code><data_id>1</data_id></open_device>'

let folder: string
let server: Server
let tse: EpsonTse
/** The answer to each function. */
let told: Readonly<Record<string, object>>
/** The codes of refused functions: an active export until it is cancelled, an unknown host until it was introduced. */
let refused: Readonly<Record<string, string>>
let asked: string[]

const nothingYet = { GetLastTransactionResponse: 'TSE1_ERROR_NOTHING_YET' }

const ADMIN_ASKED = 'OTHER_ERROR_UNAUTHENTICATED_ADMIN_USER'

function resultOf(name: string): string {
  asked.push(name)
  if (name === 'AuthenticateUserForAdmin')
    refused = Object.fromEntries(Object.entries(refused).filter(([, code]) => code !== ADMIN_ASKED))
  if (name === 'CancelExport') refused = nothingYet
  if (name === 'SetUpForPrinter') refused = {}
  if (name === 'RunTSESelfTest' && refused[name] === undefined) refused = {}
  return JSON.stringify({ result: refused[name] ?? 'EXECUTION_OK', function: name, output: told[name] ?? {} })
}

/** A host with the answers that the test sets. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'epson-'))
  let dataId = 1
  server = createServer((socket) => {
    const reader = new MessageReader()
    socket.write(encodeMessage(GREETING))
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        for (const message of reader.read(bytes)) {
          if (message.startsWith('<open_device>')) socket.write(encodeMessage(OPENED))
          const name = /&quot;function&quot;:&quot;(\w+)&quot;/.exec(message)?.[1]
          if (name === undefined) continue
          dataId += 1
          const result = resultOf(name)
          const data = `<data><type>onoperateresult</type><resultdata>${result}</resultdata></data>`
          socket.write(
            encodeMessage(
              `<device_data><device_id>local_TSE</device_id><code>SUCCESS</code><data_id>${dataId}</data_id>${data}</device_data>`,
            ),
          )
        }
      })
  })
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  tse = new EpsonTse({
    id: 'tse-1',
    link: new TcpLink({ host: '127.0.0.1', port, clock: systemClock }),
    directory: folder,
    secrets: { read: async () => '12345', provide: async () => '12345' },
    clock: systemClock,
    timeouts: { replyMs: 2000, longMs: 5000 },
  })
  told = { GetStorageInfo: { tseInformation: { tseInitializationState: 'INITIALIZED', startedTransactions: '2' } } }
  refused = {}
  asked = []
  await tse.open()
})
afterEach(async () => {
  await tse.close()
  server.close()
  await rm(folder, { recursive: true })
})

function list(startedTransactionNumberList: unknown): void {
  told = { ...told, GetStartedTransactionList: { startedTransactionNumberList } }
}

test('open transactions are numbers, as such or as text', async () => {
  list([7, '3'])
  expect(await tse.openTransactions('till-1')).toEqual([3, 7])
  list([])
  expect(await tse.openTransactions('till-1')).toEqual([])
})

test.each([[null], ['3,7'], [['seven']], [[null]]])(
  'an answer with the list %j is invalid: nothing is begun again for it',
  async (value) => {
    list(value)
    await expect(tse.openTransactions('till-1')).rejects.toMatchObject({ code: 'garbled', effect: 'unknown' })
  },
)

test('a list that is left out where nothing is open is empty', async () => {
  told = { GetStorageInfo: { tseInformation: { startedTransactions: 0 } } }
  expect(await tse.openTransactions('till-1')).toEqual([])
})

/** The answers that identify a TSE. */
function known(): void {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const facts = { tsePublicKey: point.toString('base64'), signatureAlgorithm: 'ecdsa-plain-SHA256' }
  told = { GetStorageInfo: { tseInformation: facts }, GetLogMessageCertificate: { logMessageCertificate: '' } }
}

test('a TSE that has signed nothing, and reports that by an unknown code, is recognised anyway', async () => {
  known()
  refused = nothingYet
  expect(await tse.identity()).toMatchObject({ timeFormat: 'unixTime' })
})

test('an export that a killed agent left in the TSE is cancelled before the TSE is asked who it is', async () => {
  known()
  const exporting = 'OTHER_ERROR_CURRENTLY_EXPORTING'
  refused = { GetLastTransactionResponse: exporting, GetLogMessageCertificate: exporting }
  expect(await tse.identity()).toMatchObject({ algorithm: 'ecdsa-plain-SHA256' })
})

test('a TSE that was moved to another host is introduced to it, and then tests itself', async () => {
  told = { GetChallenge: { challenge: '0123456789abcdef' } }
  refused = { RunTSESelfTest: 'TSE1_ERROR_CLIENT_NOT_REGISTERED' }
  await tse.selfTest()
  expect(refused).toEqual({})
})

test('a TSE that was pulled out of its host is down: the sale is recorded as an outage, no outcome is open', async () => {
  refused = { StartTransaction: 'OTHER_ERROR_NO_STORAGE_FOUND' }
  await expect(tse.start('till-1')).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
})

/** Portions that arrive during the search are ignored. */
async function searched(archive: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of archive) expect(piece).toHaveLength(0)
}

test('a sale does not wait for a TSE that searches its memory for an export: it ends that', async () => {
  const signed = { transactionNumber: 8, signatureCounter: 21, logTime: '2026-11-21T12:00:00Z', signature: 'AAAA' }
  const searching = { exportData: '', exportStatus: 'EXPORT_INCOMPLETE_SEARCHING' }
  let begin = (): void => undefined
  const isSearching = new Promise<void>((resolve) => {
    begin = resolve
  })
  told = {
    StartTransaction: signed,
    get GetExportData() {
      begin()
      return searching
    },
  }
  const archive = searched(tse.exportLogs({ timeFromMs: 0 })).catch((error: unknown) => error)
  await isSearching
  expect(await tse.start('till-1')).toMatchObject({ transaction: 8 })
  expect(await archive).toMatchObject({ code: 'export_running', effect: 'none' })
})

const facts = {
  ...{ tseInitializationState: 'INITIALIZED', tseCapacity: 1000, tseCurrentSize: 10, startedTransactions: 0 },
  ...{ remainingSignatures: '1000', certificateExpirationDate: '2030-01-01T00:00:00Z', hasPassedSelfTest: 'true' },
  timeUntilNextSelfTest: 90_000,
}

test.each([
  [{ tseHealth: 'PASS', isReplacementNeeded: true }, true],
  [{ isReplacementNeeded: 'true' }, true],
  [{ isReplacementNeeded: 'false' }, false],
  [{}, false],
  [undefined, false],
])('a TSE that reports its memory as %j is to be replaced: %s', async (smartInformation, expected) => {
  told = { GetStorageInfo: { tseInformation: facts, smartInformation } }
  expect(await tse.health()).toMatchObject({ replacementNeeded: expected, signaturesLeft: 1000 })
})

const challenge = { GetChallenge: { challenge: '0123456789abcdef' } }

test('clients that the TSE names to its admin alone are asked for by it, and its login ends', async () => {
  told = {
    ...challenge,
    GetRegisteredClientList: { registeredClientIdList: ['EPSON1E1A0B2C', 'EPSON_1', 'till-1', 'EPSON1'] },
  }
  refused = { GetRegisteredClientList: ADMIN_ASKED }
  expect(await tse.clients()).toEqual(['till-1', 'EPSON1'])
  expect(asked.at(-1)).toBe('LogOutForAdmin')
})

test('so are the logs of one transaction; the agent logs in only if it must', async () => {
  const piece = { exportData: Buffer.from('tar').toString('base64'), exportStatus: 'EXPORT_COMPLETE' }
  told = { ...challenge, GetExportData: piece }
  refused = { ExportFilteredByTransactionNumber: ADMIN_ASKED }
  const filter = { transactionFrom: 7, transactionTo: 7 }
  const read = async (): Promise<string> => (await collect(tse, filter)).toString()
  expect(await read()).toBe('tar')
  expect(asked.slice(-2)).toEqual(['FinalizeExport', 'LogOutForAdmin'])
  asked = []
  expect(await read()).toBe('tar')
  expect(asked).not.toContain('AuthenticateUserForAdmin')
})

test('a sale whose login needs a self-test, as after the TSE was plugged in again, is signed', async () => {
  const signed = { transactionNumber: 8, signatureCounter: 21, logTime: '2026-11-21T12:00:00Z', signature: 'AAAA' }
  told = { ...challenge, StartTransaction: signed }
  refused = {
    StartTransaction: 'OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER',
    AuthenticateUserForTimeAdmin: 'TSE1_ERROR_WRONG_STATE_NEEDS_SELF_TEST',
  }
  expect(await tse.start('till-1')).toMatchObject({ transaction: 8 })
})

test('a login for an export that is then refused ends too', async () => {
  told = challenge
  refused = { ArchiveExport: 'TSE1_ERROR_EXPORT_NO_DATA_AVAILABLE' }
  await expect(collect(tse, {})).rejects.toMatchObject({ code: 'no_data', effect: 'none' })
  expect(asked.slice(-2)).toEqual(['ArchiveExport', 'LogOutForAdmin'])
})
