import { expect, test } from 'vitest'
import { PKCS11_DIALECT } from '../../../drivers/card-pkcs11/dialect.ts'
import { callText } from '../../../drivers/native/recorded-call.ts'
import { EPSON_DIALECT as EPSON_PRINTER_DIALECT } from '../../../drivers/rt-epson/dialect.ts'
import type { CommandName } from '../../../drivers/tse-cryptovision/card.ts'
import {
  announced,
  commandCode,
  dropBlocks,
  encodeCommand,
  encodeRequest,
  nextBlock,
  responseMode,
  wakeData,
} from '../../../drivers/tse-cryptovision/codec.ts'
import { CRYPTOVISION_DIALECT } from '../../../drivers/tse-cryptovision/dialect.ts'
import { closeDevice, openDevice, operate, reconnect } from '../../../drivers/tse-epson/codec.ts'
import { EPSON_DIALECT } from '../../../drivers/tse-epson/dialect.ts'
import { SWISSBIT_DIALECT } from '../../../drivers/tse-swissbit/dialect.ts'

function blockOf(data: Uint8Array, mode: number = responseMode.normal): string {
  return announced.sent(encodeRequest(data, mode)).toString('latin1')
}

function callOf(method: string, args?: unknown): string {
  return callText(method, args).toString('latin1')
}

function functionOf(name: string, input: Record<string, unknown> = {}): string {
  return operate('local_TSE', name, input, 5000)
}

function order(xml: string): string {
  return `POST /cgi-bin/fpmate.cgi?timeout=5000\n\n<s:Body>${xml}</s:Body>`
}

test('CryptoVision: a look wakes, starts and asks; it signs, logs in, sets no time and exports nothing', () => {
  const reads = (name: CommandName): boolean => CRYPTOVISION_DIALECT.reads(blockOf(encodeCommand(commandCode[name])))
  const asked = Object.keys(commandCode).filter((name) => reads(name as CommandName))
  expect(asked).toEqual([
    ...['start', 'getPinStates', 'getSerialNumbers', 'getCertificates', 'readLogMessage', 'getConfigData'],
    ...['getStatus', 'getErsMappings', 'getKeyData'],
  ])
  for (const data of [nextBlock, dropBlocks]) expect(CRYPTOVISION_DIALECT.reads(blockOf(data))).toBe(true)
  expect(CRYPTOVISION_DIALECT.reads(blockOf(wakeData, responseMode.disableSuspend))).toBe(true)
  expect(CRYPTOVISION_DIALECT.reads(blockOf(wakeData, responseMode.enableSuspend))).toBe(false)
  expect(CRYPTOVISION_DIALECT.reads('')).toBe(true)
})

test('CryptoVision: PINs and PUKs become zeros of the same length, and two times are one question', () => {
  const login = (pin: string): string =>
    blockOf(
      encodeCommand(commandCode.authenticateUser, [
        { type: 'text', value: 'Admin' },
        { type: 'bytes', value: Buffer.from(pin) },
      ]),
    )
  expect(CRYPTOVISION_DIALECT.redacted(login('12345678'))).toBe(login('00000000'))
  const time = (seconds: number): string =>
    blockOf(encodeCommand(commandCode.updateTime, [{ type: 'bytes', value: Buffer.of(0, 0, 0, seconds) }]))
  expect(CRYPTOVISION_DIALECT.answers(time(1), ['done'], time(2))).toEqual(['done'])
  expect(CRYPTOVISION_DIALECT.answers(time(1), ['done'], login('00000000'))).toBeUndefined()
})

test('Swissbit and cards: a look makes no login, no self-test and no export; folders are cut', () => {
  const methods = [
    'open',
    'facts',
    'last',
    'started',
    'certificate',
    'logIn',
    'selfTest',
    'export',
    'entries',
    'clients',
  ]
  expect(methods.filter((method) => SWISSBIT_DIALECT.reads(callOf(method)))).toEqual(methods.slice(0, 5))
  const calls = ['attach', 'facts', 'certificates', 'detach', 'login', 'keys', 'sign']
  expect(calls.filter((method) => PKCS11_DIALECT.reads(callOf(method)))).toEqual(calls.slice(0, 4))
  const setUp = { seed: 'Seed', puk: '123456', adminPin: '12345', timeAdminPin: '54321', clientId: 'fiskal-edge' }
  expect(SWISSBIT_DIALECT.redacted(callOf('setUp', setUp))).toBe(
    callOf('setUp', { seed: '0000', puk: '000000', adminPin: '00000', timeAdminPin: '00000', clientId: 'fiskal-edge' }),
  )
  expect(PKCS11_DIALECT.redacted(callOf('attach', { module: '/home/anna/lib/pkcs11.so', token: 'card' }))).toBe(
    callOf('attach', { module: 'pkcs11.so', token: 'card' }),
  )
})

test('several answers in one text are redacted too', () => {
  const answers = [
    callOf('logIn', { user: 1, pin: '1"\\5ä' }),
    '{"fault":"NO_LIBRARY","message":"/opt/lib/x.so is not"}',
  ]
  const text = answers.join('')
  const redacted = SWISSBIT_DIALECT.redacted(text)
  expect(redacted).toContain('"pin":"000000000000"')
  expect(redacted).toContain('"message":"x.so is not"')
})

test('a call is found again from another folder, with another PIN and another time, and not with other data', () => {
  const open = (mount: string): string => callOf('open', { library: `${mount}/lib.so`, mount })
  expect(SWISSBIT_DIALECT.answers(open('/media/a'), ['{}'], open('/media/b'))).toEqual(['{}'])
  const start = (clientId: string): string => callOf('start', { clientId })
  expect(SWISSBIT_DIALECT.answers(start('a'), ['{}'], start('b'))).toBeUndefined()
})

test('Epson TSE: questions that begin or end an export, and logins, are held back', () => {
  const names = [
    ...['GetStorageInfo', 'GetRegisteredClientList', 'GetStartedTransactionList', 'GetLastTransactionResponse'],
    ...[
      'GetLogMessageCertificate',
      'GetExportData',
      'ArchiveExport',
      'CancelExport',
      'GetChallenge',
      'StartTransaction',
    ],
  ]
  expect(names.filter((name) => EPSON_DIALECT.reads(functionOf(name)))).toEqual(names.slice(0, 5))
  for (const message of [openDevice('local_TSE'), closeDevice('local_TSE'), reconnect('a', 'b', 1)])
    expect(EPSON_DIALECT.reads(message)).toBe(true)
})

test('Epson TSE: PINs, PUKs, challenge, hash and client ids become zeros', () => {
  const secret = { puk: '123456', pin: '12345', hash: 'aGFzaA==', challenge: 'c0ffee', clientId: 'till-1' }
  const zeros = { puk: '000000', pin: '00000', hash: '00000000', challenge: '000000', clientId: 'till-1' }
  expect(EPSON_DIALECT.redacted(functionOf('SetUp', secret))).toBe(functionOf('SetUp', zeros))
  expect(EPSON_DIALECT.redacted(JSON.stringify(secret))).toBe(JSON.stringify(zeros))
  expect(EPSON_DIALECT.redacted('<connect><data><client_id>sock42</client_id></data></connect>')).toBe(
    '<connect><data><client_id>000000</client_id></data></connect>',
  )
  expect(EPSON_DIALECT.redacted(reconnect('ab', 'cde', 7))).toBe(reconnect('00', '000', 7))
})

test('Epson printer: enquiries are read; nothing that prints, resets or moves the drawer is', () => {
  const enquiry = '<printerCommand><directIO command="1138" data="01"/></printerCommand>'
  expect(EPSON_PRINTER_DIALECT.reads(order(enquiry))).toBe(true)
  const state = '<printerCommand><queryPrinterStatus operator="1" statusType="0"/></printerCommand>'
  expect(EPSON_PRINTER_DIALECT.reads(order(state))).toBe(true)
  for (const xml of [
    '<printerCommand><directIO command="4037" data="01"/></printerCommand>',
    '<printerCommand><resetPrinter operator="1"/></printerCommand>',
    '<printerCommand><openDrawer operator="1"/></printerCommand>',
    '<printerFiscalReport><printZReport operator="1"/></printerFiscalReport>',
    `${enquiry}<printerFiscalReport><printZReport operator="1"/></printerFiscalReport>`,
  ])
    expect(EPSON_PRINTER_DIALECT.reads(order(xml))).toBe(false)
})
