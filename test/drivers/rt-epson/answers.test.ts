import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Post } from '../../../drivers/links/http.ts'
import { EpsonPrinter } from '../../../drivers/rt-epson/driver.ts'
import { epsonRefusal } from '../../../drivers/rt-epson/refusals.ts'
import { EpsonService } from '../../../drivers/rt-epson/service.ts'
import { EpsonUnit } from '../../../drivers/rt-epson/unit.ts'
import {
  answeredReceipt,
  matricolaOf,
  parseLastClosure,
  parseLastReceipt,
  parseReply,
  parseRtStatus,
} from '../../../drivers/rt-epson/xml.ts'
import { patientClock } from '../../patient-clock.ts'

// The places in these answers are those on which three tills in the trade agree.

let answers: Readonly<Record<string, string>>
let closings: number
/** The matricola that its answer to a Z report bears. */
let closedBy: string
const OWN = '99IEC000001'
/** States that the printer reports with a refused document. */
let refusing: string
let refusal: string
/** The attributes of its answer to a Z report; a refused report may still be executed. */
let closingAnswer: string
/** The number with which it refuses an enquiry that it does not know. */
let unknown: number
/** States of the idle printer, and other members that it reports with them. */
let standing: string
let toldBeside: string
/** The printer is silent after a document that it refused. */
let isLostThen: boolean
const known = {
  3217: '01000001EC99',
  1138: '01I02001000020000000026063030123100000',
  2052: '000000291992440416',
  1387: '010000012500000002252111261015300417000399IEC000001000000001',
}

function closed(): string {
  closings += 1
  if (closedBy === OWN) answers = { ...answers, 2052: '000000291992440417' }
  const told = `<lastCommand>74</lastCommand><serialNumber>${closedBy}</serialNumber>`
  return `<response ${closingAnswer}><addInfo>${told}</addInfo></response>`
}

function refused(): string {
  if (isLostThen) standing = ''
  return `<response success="false" ${refusal}><addInfo><printerStatus>${refusing}</printerStatus></addInfo></response>`
}

/** A printer whose `queryPrinterStatus` reports its firmware and states, and no closure. */
const server = createServer((request, response) => {
  if (standing === '') request.socket.destroy()
  let body = ''
  request.on('data', (chunk: Buffer) => {
    body += String(chunk)
  })
  request.on('end', () => {
    if (body.includes('<printZReport')) {
      response.end(closed())
      return
    }
    if (body.includes('<printerFiscalReceipt')) {
      response.end(refused())
      return
    }
    const command = /command="(\d+)"/.exec(body)?.[1]
    if (command !== undefined && answers[command] === undefined) {
      const status = command === '1387' ? 12 : unknown
      response.end(`<response success="false" code="PRINTER ERROR" status="${status}"><addInfo></addInfo></response>`)
      return
    }
    const ofStatus = body.includes('statusType="0"')
      ? `<cpuRel>07.00</cpuRel><mfRel>04.3</mfRel><mfStatus>0</mfStatus><fpStatus>${standing}</fpStatus>`
      : `<rtType>I</rtType>${toldBeside}`
    const told = command ? `<responseData>${answers[command] ?? ''}</responseData>` : ofStatus
    response.end(`<response success="true" code="" status="2"><addInfo>${told}</addInfo></response>`)
  })
})

const timeouts = { replyMs: 2000, printMs: 2000, longMs: 2000 }
let port: number
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
const { signal } = new AbortController()
afterAll(() => server.close())

function unitNow(): EpsonUnit {
  return new EpsonUnit(new EpsonService({ host: '127.0.0.1', port, clock: patientClock, timeouts }))
}

beforeEach(() => {
  answers = known
  closings = 0
  closedBy = OWN
  refusing = '00000'
  refusal = 'code="PRINTER ERROR" status="13"'
  standing = '30110'
  toldBeside = ''
  isLostThen = false
  unknown = 16
  closingAnswer = 'success="true" code="" status="2"'
})

test('a printer whose status has no closure number: matricola, closure and state are still read', async () => {
  const unit = unitNow()
  expect(await unit.ready(signal)).toBe('99IEC000001')
  expect(await unit.counters(signal)).toEqual({ z: 416, number: 3 })
  await expect(unit.restingCounters(signal)).rejects.toMatchObject({ code: 'paper_out' })
})

test('a closing that times out before it is sent does not reach the printer, and is not a closing', async () => {
  const unit = unitNow()
  await expect(unit.closeOnce(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted', effect: 'none' })
  await unit.closeOnce(new AbortController().signal)
  expect(closings).toBe(1)
})

test('a day that another printer at the same address closed is not closed there again and again', async () => {
  standing = '00110'
  closedBy = '99IEC000002'
  const printer = new EpsonPrinter({ host: '127.0.0.1', port, clock: patientClock, departments: {}, timeouts })
  const baseline = await printer.baseline()
  await expect(printer.closeDay(baseline)).rejects.toMatchObject({
    ...{ code: 'foreign', effect: 'none', message: expect.stringContaining('99IEC000002') },
  })
  expect(closings).toBe(1)
  await printer.close()
})

test.each([
  ['05000', 'memory_full'],
  ['30000', 'paper_out'],
  ['00000', 'refused'],
  ['21000', 'refused'],
])(
  'a document that is refused by a number of no public list is explained by the states of the printer: %s',
  async (states, code) => {
    refusing = states
    const unit = unitNow()
    const baseline = await unit.baseline(signal)
    const sent = await unit.send({ xml: '<printerFiscalReceipt/>' }, baseline, signal)
    expect(sent).toMatchObject({ end: 'refused', error: { code, effect: 'none', deviceCode: 'PRINTER ERROR 13' } })
  },
)

test.each([
  ['in 1138', '01I02001100020000000026063030123100000', '', 'closure_due'],
  ['beside its states', undefined, '<rtNoWorkingPeriod>1</rtNoWorkingPeriod>', 'closure_due'],
  ['neither there nor there', undefined, '', 'refused'],
  ['not any more', '01I02001100020000000026063030123100000', '<rtNoWorkingPeriod>0</rtNoWorkingPeriod>', 'refused'],
])(
  'a document that is refused before a closure that the printer needs, reported %s, waits for that: %s, %s is %s',
  async (_, state, beside, code) => {
    const { 1138: _known, ...others } = known
    answers = state === undefined ? { ...others, 3217: OWN } : { ...known, 1138: state }
    toldBeside = beside
    const unit = unitNow()
    for (const number of [11, 13]) {
      refusal = `code="PRINTER ERROR" status="${number}"`
      const baseline = await unit.baseline(signal)
      const sent = await unit.send({ xml: '<printerFiscalReceipt/>' }, baseline, signal)
      const deviceCode = `PRINTER ERROR ${number}`
      expect(sent).toMatchObject({ end: 'refused', error: { code, effect: 'none', deviceCode } })
    }
  },
)

test('a refusal of a printer that then falls silent can be retried: it may need its closure', async () => {
  isLostThen = true
  const unit = unitNow()
  const sent = await unit.send({ xml: '<printerFiscalReceipt/>' }, await unit.baseline(signal), signal)
  expect(sent).toMatchObject({ end: 'refused', error: { code: 'unavailable', effect: 'none' } })
})

test.each([
  ...['EPTR_REC_EMPTY', 'EPTR_COVER_OPEN', 'EPTR_MECHANICAL'],
  ...['FP_NO_ANSWER', 'TM_NO_ANSWER', 'TM_NO_ANSWER/OFF_LINE', 'TP_NO_ANSWER', 'TP_NO_ANSWER/OFF_LINE'],
])('a document in the middle of which the printer stopped or left the line, %s, is asked about', async (code) => {
  refusal = `code="${code}" status="0"`
  const unit = unitNow()
  const baseline = await unit.baseline(signal)
  expect(await unit.send({ xml: '<printerFiscalReceipt/>' }, baseline, signal)).toEqual({ end: 'unclear' })
})

test.each([
  ['INCOMPLETE FILE', 'refused'],
  ['Non valid XML command', 'refused'],
  ['PARSER_ERROR', 'refused'],
  ['EFT_POS_ERROR', 'refused'],
  ['NO_DATA', 'refused'],
  ['CONFIGURATION_FILE_ERROR', 'out_of_service'],
  ['EX_NEW', 'refused'],
])(
  'a document answered by %s may be open or printed: its state is asked before it is refused',
  async (code, meaning) => {
    refusal = `code="${code}" status="0"`
    refusing = '00110'
    const unit = unitNow()
    const sent = await unit.send({ xml: '<printerFiscalReceipt/>' }, await unit.baseline(signal), signal)
    expect(sent).toMatchObject({ end: 'refused', isBegun: true, error: { code: meaning, effect: 'none' } })
  },
)

test.each([
  [15, 'refused', 'made already'],
  [25, 'refused', 'no operator'],
  [28, 'unavailable', 'network'],
  [29, 'unavailable', 'slip printer'],
  [35, 'unavailable', 'slip printer'],
  [37, 'unavailable', 'slip printer'],
  [38, 'refused', 'card terminal'],
])("status %i of the maker's list has its meaning, once the state is read", async (status, code, words) => {
  refusal = `code="PRINTER ERROR" status="${status}"`
  refusing = '00110'
  const unit = unitNow()
  const sent = await unit.send({ xml: '<printerFiscalReceipt/>' }, await unit.baseline(signal), signal)
  const error = { code, effect: 'none', message: expect.stringContaining(words) }
  expect(sent).toMatchObject({ end: 'refused', isBegun: true, error })
})

test('its health reports whether it is in service and how many files wait', async () => {
  const printer = new EpsonPrinter({ host: '127.0.0.1', port, clock: patientClock, departments: {}, timeouts })
  await printer.open()
  expect(await printer.health()).toMatchObject({ inService: true, pendingFiles: 2, paper: 'out', z: 416 })
  await printer.close()
})

test.each([
  ['refuses', '99IEC000001', {}],
  ['answers in another way', '99IEC000001', { 1138: '' }],
  ['refuses', '0199IEC000001', {}],
])(
  'a printer that reports its whole matricola is believed, also if it %s the question for its state',
  async (_, identity, more) => {
    answers = { ...more, 3217: identity, 2052: known[2052], 1387: known[1387] }
    const printer = new EpsonPrinter({ host: '127.0.0.1', port, clock: patientClock, departments: {}, timeouts })
    await printer.open()
    expect(await printer.identity()).toMatchObject({ serial: '99IEC000001' })
    expect(await printer.health()).toMatchObject({ inService: true, pendingFiles: undefined, z: 416 })
    await printer.close()
  },
)

test.each([3, 9, 11, 14, 17, 39])(
  'and if it refuses that question with the number %i, which has another meaning',
  async (status) => {
    unknown = status
    answers = { 3217: '99IEC000001', 2052: known[2052], 1387: known[1387] }
    const printer = new EpsonPrinter({ host: '127.0.0.1', port, clock: patientClock, departments: {}, timeouts })
    await printer.open()
    expect(await printer.health()).toMatchObject({ inService: true, pendingFiles: undefined, z: 416 })
    await printer.close()
  },
)

test('a state or number that no RT has yields no matricola', () => {
  for (const data of ['', '01', '01 020010000', '01I02']) expect(parseRtStatus(data)).toBeUndefined()
  expect(parseRtStatus('01M010710000')).toBeUndefined()
  const worthless = 'it is not in service (state 01: activated, not in service)'
  const activated = { type: 'M', worthless, wantsClosure: false, pendingFiles: 0 }
  expect(parseRtStatus('01M0107000000')).toEqual(activated)
  const status = { ...activated, type: 'I', worthless: undefined }
  for (const identity of ['', '01000001  99', '99IEC000001']) expect(matricolaOf(identity, status)).toBeUndefined()
})

test('an invalid closure number yields none', () => {
  for (const data of ['', '041', 'closure 0416']) expect(parseLastClosure(data)).toBeUndefined()
})

// Numbers and codes of the service as tills in the trade know them.
test.each([
  ['PRINTER ERROR', 2, 'paper_out'],
  ['PRINTER ERROR', 3, 'paper_out'],
  ['PRINTER ERROR', 12, 'document_unknown'],
  ['PRINTER ERROR', 14, 'out_of_service'],
  ['PRINTER ERROR', 17, 'unavailable'],
  ['PRINTER ERROR', 22, 'department_unknown'],
  ['PRINTER ERROR', 41, 'document_unknown'],
  ['PRINTER ERROR', 42, 'document_unknown'],
  ['LAN_ERROR', 0, 'unavailable'],
  ['TM_NO_ANSWER/OFF_LINE', 0, 'unavailable'],
  ['NO_RAM', 0, 'unavailable'],
  ['EPTR_REC_EMPTY', 0, 'paper_out'],
  ['EPTR_COVER_OPEN', 0, 'cover_open'],
  ['EPTR_CUTTER', 0, 'unavailable'],
  ['EPTR_MECHANICAL', 0, 'unavailable'],
  ['PRINTER ERROR', 9, 'clock_wrong'],
  ['PRINTER ERROR', 18, 'unavailable'],
  ['PRINTER ERROR', 23, 'data_too_long'],
  ['PRINTER ERROR', 24, 'data_too_long'],
  ['PRINTER ERROR', 26, 'refused'],
  ['PRINTER ERROR', 30, 'refused'],
  ['PRINTER ERROR', 34, 'refused'],
  ['PRINTER ERROR', 39, 'document_reversed'],
  ['PRINTER ERROR', 40, 'document_reversed'],
  ['INCOMPLETE FILE', 0, 'refused'],
  ['CONFIGURATION_FILE_ERROR', 0, 'out_of_service'],
  // An unknown code, and a member that every object has.
  ['PRINTER ERROR', 'constructor', 'refused'],
])('a refusal %s %s is %s', (code, status, meaning) => {
  expect(epsonRefusal({ success: false, code, status: String(status), info: new Map() }, 'X report').code).toBe(meaning)
})

test.each([
  ['a warning about its paper', 'success="false" code="PRINTER ERROR" status="2"'],
  ['a code of no list', 'success="false" code="EX_NEW" status="0"'],
])('a closing that is made with %s in the answer is made', async (_, attributes) => {
  closingAnswer = attributes
  const printer = new EpsonPrinter({ host: '127.0.0.1', port, clock: patientClock, departments: {}, timeouts })
  await printer.open()
  answers = { ...known, 2052: known[2052] }
  standing = '00110'
  const { z } = await printer.closeDay(await printer.baseline())
  expect([z, closings]).toEqual([417, 1])
  await printer.close()
})

test('a printer that has printed nothing has no last document, whether it answers zeros, nothing or status 12', async () => {
  const unit = unitNow()
  for (const told of ['', '01', `01${'0'.repeat(59)}`, `01${'0'.repeat(38)}99IEC000001${'0'.repeat(10)}`, undefined]) {
    const { 1387: _none, ...others } = known
    answers = told === undefined ? others : { ...known, 1387: told }
    expect(await unit.baseline(signal)).toMatchObject({ z: 416, number: 0 })
  }
})

test('an unreadable last document is not taken as no document: it would be printed twice', async () => {
  answers = { ...known, 1387: '01A1250/22.11.2025/0417-0003' }
  const unit = unitNow()
  await expect(unit.baseline(new AbortController().signal)).rejects.toMatchObject({ code: 'garbled', effect: 'none' })
})

test('the last document is read with any padding of its numbers', () => {
  const behind = '2211252610150417000399IEC000001000000001'
  const expected = { totalCents: 1250n, z: 417, number: 3 }
  expect(parseLastReceipt(`01     1250      225221125101530 417   399IEC0000010${' '.repeat(8)}1`)).toMatchObject(
    expected,
  )
  expect(parseLastReceipt(`01-00001250-00000225221125101530${behind.slice(12)}`)).toMatchObject(expected)
})

test.each([
  ['empty', '<zRepNumber></zRepNumber><fiscalReceiptNumber></fiscalReceiptNumber>'],
  ['missing', ''],
  ['zero', '<zRepNumber>0000</zRepNumber><fiscalReceiptNumber>0</fiscalReceiptNumber>'],
  ['half told', '<zRepNumber>12</zRepNumber><fiscalReceiptNumber/>'],
])('an answer with success whose closure and number are %s names no document', (_, elements) => {
  const reply = parseReply(`<response success="true" code="" status="2"><addInfo>${elements}</addInfo></response>`)
  expect(reply && answeredReceipt(reply)).toBeUndefined()
})

test.each([
  ['<fiscalReceiptDate>21/4/2023</fiscalReceiptDate><fiscalReceiptTime>11:35</fiscalReceiptTime>', '2023-04-21T11:35'],
  ['<fiscalReceiptDate>21/04/2023</fiscalReceiptDate><fiscalReceiptTime>11:35</fiscalReceiptTime>', '2023-04-21T11:35'],
  [
    '<receiptISODateTime>20230421T113500</receiptISODateTime><fiscalReceiptDate>1/1/2000</fiscalReceiptDate>',
    '2023-04-21T11:35:00',
  ],
  ['<fiscalReceiptDate></fiscalReceiptDate>', undefined],
])('the time in %s is %s', (elements, at) => {
  const numbers = '<zRepNumber>39</zRepNumber><fiscalReceiptNumber>0007</fiscalReceiptNumber>'
  const reply = parseReply(`<response success="true"><addInfo>${numbers}${elements}</addInfo></response>`)
  expect(reply && answeredReceipt(reply)).toMatchObject({ z: 39, number: 7, at })
})

test.each([
  [30_000, 30_000, 35_000],
  [60_000, 60_000, 65_000],
  [180_000, 60_000, 65_000],
])(
  'of a limit of %i ms the service gets %i, and is waited for %i: its own end comes first',
  async (limit, told, own) => {
    const asked: [string, number][] = []
    const post: Post = async ({ path }, timeoutMs) => {
      asked.push([path, timeoutMs])
      return '<response success="true" code="" status="2"><addInfo/></response>'
    }
    const limits = { ...timeouts, longMs: limit }
    const service = new EpsonService({ host: 'printer', port: 80, clock: patientClock, timeouts: limits, post })
    await service.order('<printerFiscalReport/>', limit, 'report', new AbortController().signal)
    expect(asked).toEqual([[`/cgi-bin/fpmate.cgi?devid=local_printer&timeout=${told}`, own]])
  },
)

test('an answer with other quotes, a success of 1, blanks in its values and hours of one digit', () => {
  const reply = parseReply(
    `<s:Body xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><response success='1' code='' status='2'>\n <addInfo>\n <zRepNumber> 0001 </zRepNumber>\n<fiscalReceiptNumber>\n0500</fiscalReceiptNumber><fiscalReceiptDate> 10/4/2026 </fiscalReceiptDate><fiscalReceiptTime>9:05</fiscalReceiptTime></addInfo></response></s:Body>`,
  )
  expect(reply?.success).toBe(true)
  expect(reply && answeredReceipt(reply)).toEqual({ z: 1, number: 500, at: '2026-04-10T09:05' })
})
