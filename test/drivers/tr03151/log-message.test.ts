import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import { findCurve, pointOfSpki, publicKeyOfPoint, serialOfPoint, verifyPlain } from '../../../drivers/tr03151/ecdsa.ts'
import { nameOfLog } from '../../../drivers/tr03151/file-name.ts'
import type { TransactionLog } from '../../../drivers/tr03151/log-message.ts'
import {
  parseLogMessage,
  sealed,
  systemPart,
  transactionOperation,
  transactionPart,
} from '../../../drivers/tr03151/log-message.ts'
import { verifyQr } from '../../../drivers/tr03151/qr.ts'
import { authenticateUserLog, logOutLog, selfTestLog, updateTimeLog } from '../../../drivers/tr03151/system-log.ts'
import { heavy } from '../../tags.ts'
import {
  auditLog,
  cryptoVisionPoint,
  OFFICIAL_QR,
  OFFICIAL_SERIAL,
  officialSignedPart,
  receipt,
  systemLog,
} from './vectors.ts'

const receiptLog: TransactionLog = {
  operation: 'Finish',
  clientId: 'PC21247F10076',
  processData: Buffer.from('Beleg^4.50_0.00_0.00_0.00_2.50^7.00:Unbar'),
  processType: 'Kassenbeleg-V1',
  transaction: 77380,
  serial: receipt.serial,
  algorithm: 'ecdsa-plain-SHA256',
  counter: 155309,
  timeFormat: 'unixTime',
  timeMs: Date.parse('2026-08-01T18:48:05Z'),
}

describe('transaction logs', () => {
  test('a genuine receipt is rebuilt byte for byte', () => {
    const part = transactionPart(receiptLog)
    expect(Buffer.from(part).toString('hex')).toBe(receipt.signedPart.toString('hex'))
    expect(createHash('sha256').update(part).digest('hex')).toBe(receipt.sha256)
    expect(Buffer.from(sealed(part, receipt.signature)).subarray(0, 3).toString('hex')).toBe('3081ed')
  })

  test('a sealed log is read back in every field', () => {
    const log = parseLogMessage(sealed(receipt.signedPart, receipt.signature))
    expect(log).toMatchObject({
      version: 2,
      kind: 'Tra',
      operation: 'FinishTransaction',
      clientId: 'PC21247F10076',
      processType: 'Kassenbeleg-V1',
      transaction: 77380,
      counter: 155309,
      algorithm: 'ecdsa-plain-SHA256',
      time: { ms: Date.parse('2026-08-01T18:48:05Z'), name: 'Unixt_1785610085' },
    })
    expect(Buffer.from(log.signedPart).equals(receipt.signedPart)).toBe(true)
    expect(Buffer.from(log.processData).toString()).toBe('Beleg^4.50_0.00_0.00_0.00_2.50^7.00:Unbar')
  })

  test('the official example of DSFinV-K is rebuilt, verifies, and fails after any one-bit change', heavy(), () => {
    const { fields: qr } = verifyQr(OFFICIAL_QR)
    if (qr === undefined) throw new Error('it has no fields')
    const serial = serialOfPoint(qr.publicKey)
    expect(serial.toString('hex')).toBe(OFFICIAL_SERIAL)
    const part = transactionPart({
      ...qr,
      operation: 'Finish',
      processData: Buffer.from(qr.processData),
      serial,
      counter: qr.signatureCounter,
      timeMs: qr.finishMs,
    })
    expect(Buffer.from(part).toString('hex')).toBe(officialSignedPart.toString('hex'))
    const { curve, key } = findCurve(qr.publicKey)
    expect(curve.name).toBe('brainpoolP384r1')
    expect(verifyPlain(key, qr.algorithm, part, qr.signature)).toBe(true)
    for (let bit = 0; bit < part.length * 8; bit += 1)
      expect(verifyPlain(key, qr.algorithm, flipped(part, bit), qr.signature)).toBe(false)
    for (let bit = 0; bit < qr.signature.length * 8; bit += 1)
      expect(verifyPlain(key, qr.algorithm, part, flipped(qr.signature, bit))).toBe(false)
  })

  test('the start message writes empty processData and processType, and one without processType is read too', () => {
    const start = { ...receiptLog, operation: 'Start', processData: Buffer.alloc(0), processType: '' } as const
    expect(Buffer.from(transactionPart(start)).toString('hex')).toContain('82008300')
    const without = parseLogMessage(sealed(transactionPart({ ...start, omitProcessType: true }), receipt.signature))
    expect(without.processType).toBe('')
    expect(transactionOperation(without)).toBe('Start')
  })

  test('version 3 spells its operations small', () => {
    const log = parseLogMessage(sealed(transactionPart({ ...receiptLog, version: 3 }), receipt.signature))
    expect(log).toMatchObject({ version: 3, operation: 'finishTransaction' })
    expect(transactionOperation(log)).toBe('Finish')
  })

  test('an integer whose top bit is set has a leading zero: counters and times after 2038', () => {
    const part = transactionPart({ ...receiptLog, counter: 44131, timeMs: 0x80000000 * 1000, transaction: 200 })
    const hex = Buffer.from(part).toString('hex')
    expect(hex).toContain('850200c8')
    expect(hex.endsWith('020300ac6302050080000000')).toBe(true)
  })

  test('a client of more than 30 characters and streamed processData of indefinite length are read', () => {
    const clientId = 'ERS 0f8fad5b-d9cb-469f-a165-70867728950e'
    const part = Buffer.from(transactionPart({ ...receiptLog, clientId }))
    const at = part.indexOf(Buffer.from([0x82, 0x29]))
    const data = part.subarray(at + 2, at + 2 + 0x29)
    const streamed = Buffer.concat([
      part.subarray(0, at),
      Buffer.from([0xa2, 0x80, 0x04, 20]),
      data.subarray(0, 20),
      Buffer.from([0x04, data.length - 20]),
      data.subarray(20),
      Buffer.from([0, 0]),
      part.subarray(at + 2 + 0x29),
    ])
    const outer = Buffer.concat([
      Buffer.from([0x30, 0x80]),
      streamed,
      Buffer.from([0x04, 0x40]),
      receipt.signature,
      Buffer.alloc(2),
    ])
    const log = parseLogMessage(outer)
    expect(log.clientId).toBe(clientId)
    expect(Buffer.from(log.processData).equals(data)).toBe(true)
    expect(Buffer.from(log.signedPart).equals(streamed)).toBe(true)
  })

  test('a log that is cut, lengthened or has the withdrawn identifier is refused', () => {
    const whole = Buffer.from(sealed(receipt.signedPart, receipt.signature))
    for (let length = 0; length < whole.length; length += 1)
      expect(() => parseLogMessage(whole.subarray(0, length))).toThrowError(
        expect.objectContaining({ code: 'malformed' }),
      )
    expect(() => parseLogMessage(Buffer.concat([whole, Buffer.alloc(1)]))).toThrowError(/one log message/)
    const erratum = Buffer.from(whole.toString('hex').replace('04007f0007030701', '04007f0007000301'), 'hex')
    expect(() => parseLogMessage(erratum)).toThrowError(/certifiedDataType/)
  })
})

describe('system and audit logs', () => {
  const key = publicKeyOfPoint(cryptoVisionPoint, curveByName('P-256'))

  test('a genuine system log is parsed, verifies, is named and rebuilt', () => {
    const log = parseLogMessage(systemLog)
    expect(log).toMatchObject({ kind: 'Sys', operation: 'UpdateTime', counter: 716 })
    expect(verifyPlain(key, log.algorithm, log.signedPart, log.signature)).toBe(true)
    expect(nameOfLog(log)).toBe('Unixt_1589712808_Sig-716_Log-Sys_UpdateTime.log')
    const { operation, data } = updateTimeLog('unixTime', 1589712778000, 1589712808000)
    const { serial, algorithm, counter, time } = log
    const part = systemPart(operation, data, { serial, algorithm, counter, timeFormat: 'unixTime', timeMs: time.ms })
    expect(Buffer.from(sealed(part, log.signature)).toString('hex')).toBe(systemLog.toString('hex'))
  })

  test('a genuine audit log is parsed, verifies and is named', () => {
    const log = parseLogMessage(auditLog)
    expect(log).toMatchObject({ kind: 'Aud', operation: '', counter: 714 })
    expect(log.auditData).toHaveLength(0x17)
    expect(verifyPlain(key, log.algorithm, log.signedPart, log.signature)).toBe(true)
    expect(nameOfLog(log)).toBe('Unixt_1589712778_Sig-714_Log-Aud.log')
  })

  test('logins and log-outs carry role, result and cause', () => {
    expect(Buffer.from(authenticateUserLog('Admin', 'admin', true).data).toString('hex')).toBe(
      '810541646d696e8201008301ff',
    )
    expect(Buffer.from(authenticateUserLog('T', 'timeAdmin', false).data).toString('hex')).toBe('810154820101830100')
    expect(Buffer.from(logOutLog('T', 'timeout').data).toString('hex')).toBe('810154820101')
  })

  test('a self-test carries component, result and time, as the logs of genuine units do', () => {
    expect(Buffer.from(selfTestLog('CSP', 'unixTime', 1629997000123).data).toString('hex')).toBe(
      '810343535082' + '01ff' + '8404' + '6127c7c8',
    )
  })
})

test('SHA-3 signatures verify', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  const part = transactionPart({ ...receiptLog, algorithm: 'ecdsa-plain-SHA3-256', serial: serialOfPoint(point) })
  const signature = sign('sha3-256', part, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const log = parseLogMessage(sealed(part, signature))
  expect(verifyPlain(findCurve(point).key, log.algorithm, log.signedPart, log.signature)).toBe(true)
})

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
}
