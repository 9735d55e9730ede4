import { describe, expect, test } from 'vitest'
import type { Parameter } from '../../drivers/tse-cryptovision/codec.ts'
import { decodeParameters } from '../../drivers/tse-cryptovision/codec.ts'
import { algorithmName, bytesAt, longsAt, numberAt, transactionSerial } from '../../drivers/tse-cryptovision/values.ts'
import { decodeBase64, decodeDate, decodeHex, decodeNumber, findAnswer } from '../../drivers/tse-diebold/codec.ts'
import {
  flagIn,
  numberOr,
  parseMessage,
  parseReply,
  readMessage,
  textOf,
  timeIn,
} from '../../drivers/tse-epson/codec.ts'

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}
const at = Date.UTC(2020, 4, 17, 13, 32, 58)

describe('CryptoVision: answers of other firmware', () => {
  test.each<[string, string, number]>([
    ['a byte', '01 0001 07', 7],
    ['a short', '03 0002 0007', 7],
    ['bytes of any width', '02 0008 0000000000000007', 7],
    ['bytes of one', '02 0001 07', 7],
  ])('a number as %s', (_what, bytes, expected) => {
    expect(numberAt(decodeParameters(hex(bytes)), 0)).toBe(expected)
  })

  test('values after the known ones are skipped, whatever their type', () => {
    const answer = decodeParameters(hex('02 0004 0000000a 02 0002 beef 09 0003 010203 04 0001 41'))
    expect(numberAt(answer, 0)).toBe(10)
    expect(Buffer.from(bytesAt(answer, 1)).toString('hex')).toBe('beef')
    expect(() => bytesAt(answer, 2)).toThrow(/not as documented/)
  })

  test('a list of open transactions is cut after its last entry, or comes as bytes; half a signature is not one', () => {
    expect(longsAt(decodeParameters(hex('05 0010 00000001 00000002 0000')), 0)).toEqual([1, 2])
    expect(longsAt(decodeParameters(hex('02 0008 00000001 00000002')), 0)).toEqual([1, 2])
    expect(longsAt(decodeParameters(hex('')), 0)).toEqual([])
    expect(() => decodeParameters(hex('02 0040 aabbcc'))).toThrow(/longer than the answer/)
    // As another project for these cards reads it: the length of the list follows one of two bytes.
    expect(longsAt(decodeParameters(hex('05 0002 0008 00000001 00000002')), 0)).toEqual([1, 2])
    expect(longsAt(decodeParameters(hex('05 0002 0008 00000001 0000')), 0)).toEqual([1])
    expect(longsAt(decodeParameters(hex('05 0002 0000')), 0)).toEqual([])
  })

  test('the algorithm in a SEQUENCE, with parameters, or bare', () => {
    const oid = '060a04007f00070101040104'
    for (const der of [`300c${oid}`, `300e${oid}0500`, oid]) expect(algorithmName(hex(der))).toBe('ecdsa-plain-SHA384')
  })

  test('the serial number of the key for transactions, among several, or the only one', () => {
    const key = (byte: string, flags: string): string => `302d0420${byte.repeat(32)}${flags}`
    const several = `305e${key('aa', '3009800100810100820101')}${key('bb', '3009800101810100820100')}`
    expect(Buffer.from(transactionSerial(hex(several))).toString('hex')).toBe('bb'.repeat(32))
    expect(Buffer.from(transactionSerial(hex(`30243022 0420${'cc'.repeat(32)}`))).toString('hex')).toBe('cc'.repeat(32))
  })

  test.each([
    ['in a sequence, without tags of their own', (flag: string) => `3009 0101${flag} 0101ff 0101ff`],
    ['behind the number', (flag: string) => `8001${flag} 8101ff 8201ff`],
    ['behind the number, without tags of their own', (flag: string) => `0101${flag} 0101ff 0101ff`],
  ])('the uses of a key %s', (_what, uses) => {
    const keyOf = (byte: string, flag: string) => `${byte.repeat(32)} ${uses(flag)}`
    const record = (key: string) => {
      const content = `0420${key}`.replaceAll(' ', '')
      return `30${(content.length / 2).toString(16)}${content}`
    }
    const records = record(keyOf('aa', '00')) + record(keyOf('bb', 'ff'))
    const list = `30${(records.length / 2).toString(16)}${records}`
    expect(Buffer.from(transactionSerial(hex(list))).toString('hex')).toBe('bb'.repeat(32))
  })

  test('every type is read, and no parameter reads beyond its own bytes', () => {
    const parameters: readonly Parameter[] = decodeParameters(
      hex('01 0001 ff 03 0002 0102 04 0002 4142 05 0004 00000003'),
    )
    expect(parameters.map(({ value }) => value)).toEqual([255, 258, 'AB', [3]])
  })
})

describe('Diebold Nixdorf: values of other units', () => {
  test.each<[string, () => unknown, unknown]>([
    ['numbers without zeros', () => decodeNumber(Buffer.from('7')), 7],
    ['numbers with zeros', () => decodeNumber(Buffer.from('0000000007')), 7],
    ['numbers in blanks', () => decodeNumber(Buffer.from(' 7 ')), 7],
    ['hexadecimal in capitals', () => decodeHex(Buffer.from('0A')), 10],
    ['hexadecimal of one digit', () => decodeHex(Buffer.from('3')), 3],
    ['dates', () => decodeDate(Buffer.from('17.05.2020 13:32:58 ')), at],
    ['base64 in lines', () => decodeBase64(Buffer.from('c2ln\r\nbmF0\ndXJl')).toString(), 'signature'],
  ])('%s', (_what, read, expected) => {
    expect(read()).toBe(expected)
  })

  test.each(['', 'x', '-1', '1.5', '1e3'])('"%s" is not a number', (text) => {
    expect(() => decodeNumber(Buffer.from(text))).toThrow(/decimal number/)
  })

  test('an answer with more values than known, after status messages of any length', () => {
    const id = '9c9cd5a8-0000-4000-8000-000000000001'
    const frame = Buffer.concat([
      hex('1b6b 00 14 0f 1b6b 01 02 03 04 05'),
      hex('1b91'),
      Buffer.from('109'),
      ...['03', '01', '0', 'new', 'newer'].flatMap((value) => [hex('1b92'), Buffer.from(value)]),
      hex('1b99'),
      Buffer.from(id),
      hex('1b9f'),
    ])
    for (let cut = 1; cut < frame.length; cut += 7)
      expect(findAnswer(frame.subarray(0, cut), '109', id)).toBeUndefined()
    expect(findAnswer(frame, '109', id)?.answer.values.map(String)).toEqual(['03', '01', '0', 'new', 'newer'])
  })
})

describe('Epson: messages of other hosts', () => {
  const body = '{"result":"EXECUTION_OK","function":"F","output":{"a":"1 < 2 & 3"}}'
  const escaped = body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
  test.each<[string, string]>([
    ['escaped', escaped],
    ['in CDATA', `<![CDATA[${body}]]>`],
    [
      'with numeric characters',
      escaped.replaceAll('&quot;', '&#34;').replaceAll('&lt;', '&#x3C;').replaceAll('&amp;', '&#38;'),
    ],
  ])('a result %s', (_what, written) => {
    const xml = `<?xml version="1.0"?>\n<device_data>\n <sequence>0</sequence><device_id>local_TSE</device_id><data><type>onoperateresult</type>\n<code> SUCCESS </code><resultdata type="text">${written}</resultdata></data><data_id> 12 </data_id><more/></device_data>`
    const message = parseMessage(xml)
    expect(message).toMatchObject({ kind: 'result', code: 'SUCCESS', dataId: 12 })
    expect(parseReply(message.kind === 'result' ? message.body : '').output).toEqual({ a: '1 < 2 & 3' })
  })

  test('text that was escaped twice is unescaped once', () => {
    const root = readMessage('<a>&amp;lt;&#38;gt;&amp;nbsp;</a>')
    expect(root && textOf(root, 'a')).toBe('&lt;&gt;&nbsp;')
    expect(readMessage('<a>&nbsp;</a>')).toBeUndefined()
  })

  test.each<[string, unknown]>([
    ['as documented', '2020-05-17T13:32:58Z'],
    ['with decimals', '2020-05-17T13:32:58.000Z'],
    ['with an offset of zero', '2020-05-17T13:32:58+00:00'],
    ['with a blank', '2020-05-17 13:32:58Z'],
    ['in lower case', '2020-05-17T13:32:58z'],
    ['as seconds', 1589722378],
    ['as text of seconds', '1589722378'],
  ])('a time %s', (_what, value) => {
    expect(timeIn({ logTime: value }, 'logTime')).toBe(at)
  })

  test.each(['2020-05-17T13:32:58+02:00', '17.05.2020', '', 'now'])('"%s" is not a time in UTC', (value) => {
    expect(() => timeIn({ logTime: value }, 'logTime')).toThrow()
  })

  test('booleans and numbers come as text; a value that older firmware omits has its default', () => {
    expect([true, 'true', 'TRUE', '1', 1].map((value) => flagIn({ a: value }, 'a'))).toEqual(Array(5).fill(true))
    expect([false, 'false', '', undefined, 0].map((value) => flagIn({ a: value }, 'a'))).toEqual(Array(5).fill(false))
    expect([numberOr({}, 'a', 512), numberOr({ a: '7' }, 'a', 512), numberOr({ a: null }, 'a', 512)]).toEqual([
      512, 7, 512,
    ])
  })
})
