import { createDecipheriv, verify, X509Certificate } from 'node:crypto'
import { localTime } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import type { Book, RegisterState, UnitState } from './simulator-books.ts'

/** One result of the check, as the service nests it. */
export type Verification = {
  readonly id: string
  readonly name: string
  readonly state: 'PASS' | 'FAIL' | 'NOT_EXECUTED'
  readonly message: string
  readonly nested: readonly Verification[]
}

/** BASE64-URL of `{"alg":"ES256"}` (RKSV Anlage Z 5). */
const JWS_HEADER = 'eyJhbGciOiJFUzI1NiJ9'
/** No turnover of a register comes near it: a counter decrypted with another key nearly always does. */
const COUNTER_MAX = 10n ** 13n
/** Begin of field 1; the provider follows (RKSV § 10). */
const SUITE = 'R1-'
const MARKS = ['VFJB', 'U1RP']

/** The fields of a machine-readable code (RKSV § 10). */
type Code = {
  suite: string
  cashBoxId: string
  number: string
  stamp: string
  sums: readonly string[]
  counter: string
  serial: string
  previous: string
  signature: string
  signed: string
}

export function codeOf(text: string): Code {
  const [, suite = '', cashBoxId = '', number = '', stamp = '', ...rest] = text.split('_')
  const [counter = '', serial = '', previous = '', signature = ''] = rest.slice(5)
  const signed = text.slice(0, text.lastIndexOf('_'))
  return { suite, cashBoxId, number, stamp, sums: rest.slice(0, 5), counter, serial, previous, signature, signed }
}

/** Checks a receipt with what was registered: signature, counter, and the rules of a Startbeleg for the first one. */
export function verifyReceipt(code: Code, book: Book, isMild = false): Verification {
  const register = book.registers[code.cashBoxId]
  const unit = book.units[normalSerial(code.serial)]
  const exists = leaf(
    'EXISTS_CASHBOX',
    register !== undefined && register.state !== 'ENDED',
    'the register is registered',
  )
  const company = leaf('MATCH_COMPANY', unit !== undefined, 'the unit is registered for the participant')
  if (register === undefined || unit === undefined) return overall([exists, company])
  const isStart = !register.isStartChecked
  return overall([
    ...(isMild ? [] : [onceOf(code, register), inUseOf(code, register, unit)]),
    exists,
    company,
    leaf('MATCH_VDA', code.suite === `${SUITE}${unit.vda}`, 'the provider is that of the registration'),
    signatureOf(code, unit.certificate),
    counterOf(code, register, isStart),
    ...(isStart ? [startOf(code)] : []),
  ])
}

function overall(nested: readonly Verification[]): Verification {
  const state = nested.some((one) => one.state === 'FAIL') ? 'FAIL' : 'PASS'
  return { id: 'VERIFICATION_FROM_CASHBOX', name: 'Prüfergebnis - Kasse', state, message: '', nested }
}

function leaf(id: string, isGood: boolean, what: string): Verification {
  return { id, name: id, state: isGood ? 'PASS' : 'FAIL', message: isGood ? what : `not so: ${what}`, nested: [] }
}

/** A Startbeleg that passed does not pass again. */
function onceOf(code: Code, { isStartChecked }: RegisterState): Verification {
  const isAgain = isStartChecked && code.number === '1' && startOf(code).state === 'PASS'
  return leaf('TYPE_OF_RECEIPT_ONCE', !isAgain, 'the Startbeleg was not checked before')
}

/** The office looks at the state now and at the time of the receipt. */
function inUseOf({ stamp }: Code, ...subjects: readonly (RegisterState | UnitState)[]): Verification {
  const isOut = subjects.some(({ state }) => state === 'AUSFALL')
  const wasOut = subjects.some(({ outages = [] }) =>
    outages.some(({ from, to = Number.MAX_SAFE_INTEGER }) => stamp >= localOf(from) && stamp < localOf(to)),
  )
  return leaf('EXISTS_IN_USE', !isOut && !wasOut, 'register and unit are in use, and were when it was made')
}

/** Local time in Austria, as a receipt has it. */
function localOf(ms: number): string {
  return ms === Number.MAX_SAFE_INTEGER ? '9999' : localTime(ms, 'Europe/Vienna')
}

/** Without the certificate of the unit the signature cannot be checked here; the real service always has it. */
function signatureOf({ signed, signature }: Code, certificate: string | undefined): Verification {
  const id = 'CRYPTO_SIGNATURE'
  if (certificate === undefined)
    return { id, name: id, state: 'NOT_EXECUTED', message: 'no certificate is known (--vda)', nested: [] }
  const key = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey
  const input = `${JWS_HEADER}.${Buffer.from(signed, 'utf8').toString('base64url')}`
  const isGood = verify(
    'sha256',
    Buffer.from(input),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64'),
  )
  return leaf(id, isGood, 'the signature is that of the unit')
}

function counterOf(code: Code, { aesKey }: RegisterState, isStart: boolean): Verification {
  const words = 'the turnover counter is readable with the registered key'
  if (MARKS.includes(code.counter)) return leaf('CRYPTO_TURNOVER_COUNTER', !isStart, words)
  const cents = decrypted(code, Buffer.from(aesKey, 'base64'))
  const isGood = cents !== undefined && (isStart ? cents === 0n : cents < COUNTER_MAX && cents > -COUNTER_MAX)
  return leaf('CRYPTO_TURNOVER_COUNTER', isGood, words)
}

/** RKSV Anlage Z 8: counter mode, its vector from Kassen-ID and number; two's complement, 5 to 16 bytes. */
function decrypted({ cashBoxId, number, counter }: Code, key: Buffer): bigint | undefined {
  const bytes = Buffer.from(counter, 'base64')
  if (key.length !== 32 || bytes.length < 5 || bytes.length > 16) return undefined
  const vector = sha256(`${cashBoxId}${number}`).subarray(0, 16)
  const plain = createDecipheriv('aes-256-ctr', key, vector).update(bytes)
  return BigInt.asIntN(plain.length * 8, BigInt(`0x${plain.toString('hex')}`))
}

/** A Startbeleg has no turnover, and begins the chain with its Kassen-ID (RKSV Anlage Z 4). */
function startOf({ sums, previous, cashBoxId }: Code): Verification {
  const isZero = sums.every((sum) => /^-?0,00$/.test(sum))
  const begins = previous === sha256(cashBoxId).subarray(0, 8).toString('base64')
  return leaf('TYPE_OF_RECEIPT_START', isZero && begins, 'the receipt is a Startbeleg')
}

/** Numbers of certificates are compared as numbers. */
export function normalSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, '')
}
