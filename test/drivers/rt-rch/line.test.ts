import { describe, expect, test } from 'vitest'
import { encodeFrame } from '../../../drivers/rt-rch/frame.ts'
import { RchLine } from '../../../drivers/rt-rch/line.ts'
import { defaultProfile, defaultTimeouts } from '../../../drivers/rt-rch/profile.ts'
import { ManualClock } from '../../manual-clock.ts'
import { ScriptedLink } from '../links/scripted-link.ts'

const ack = Buffer.of(0x06)
const nak = Buffer.of(0x15)

function reply(data: string, pack: string): Buffer {
  return encodeFrame({ address: '01', protocol: 'N', pack, data })
}

function done(pack: string): Buffer {
  return reply('ON00000000', pack)
}

function lineOf(...answers: (readonly Buffer[])[]) {
  const link = new ScriptedLink(...answers)
  const clock = new ManualClock()
  const line = new RchLine({ link, clock, profile: defaultProfile, timeouts: defaultTimeouts })
  const send = (command: string) => line.send(command, new AbortController().signal)
  return { link, clock, line, send }
}

describe('one command and its reply on the RCH line', () => {
  test('the id of a reply is learnt from the first one and enforced from then on', async () => {
    const modulo = lineOf([ack, done('8')], [ack, done('1'), done('9')])
    await modulo.send('=K')
    await modulo.send('=K')
    const same = lineOf([ack, done('0')], [ack, done('9')])
    await same.send('=K')
    await expect(same.send('=K')).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' })
  })

  test('a rule that was learnt from a stale reply is dropped when a reply contradicts it', async () => {
    const { send } = lineOf([ack, done('0')], [ack, done('9')], [ack, done('0')], [ack, done('1')])
    await send('=K')
    await expect(send('=T1')).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' })
    await send('=K')
    await send('=K')
  })

  test('a stale reply is dropped, also one that says done', async () => {
    const { send } = lineOf([ack, done('8')], [ack, done('3'), reply('ES00010000', '9')])
    await send('=K')
    expect((await send('=R1/$1')).reply).toMatchObject({ done: false, code: 'ES0001' })
  })

  test('after NAK the same bytes are sent again, at most three times, and certainly nothing was executed', async () => {
    const { send, link } = lineOf([nak], [nak], [nak], [nak], [ack, done('8')])
    await expect(send('=T1')).rejects.toMatchObject({ code: 'garbled', effect: 'none' })
    expect(link.written).toHaveLength(4)
    expect(new Set(link.written).size).toBe(1)
  })

  test('a NAK that an ACK follows was noise: nothing is sent twice', async () => {
    const { send, link } = lineOf([nak, ack, done('8')])
    await send('=T1')
    expect(link.written).toHaveLength(1)
  })

  test('a reply without its ACK is good; a garbled, cut or missing one is unknown', async () => {
    await expect(lineOf([done('8')]).send('=T1')).resolves.toBeDefined()
    const garbled = done('8')
    garbled[9] = 0x41
    for (const answer of [[ack, garbled], [ack, done('8').subarray(0, 9)], [ack], []])
      await expect(lineOf(answer).send('=T1')).rejects.toMatchObject({ effect: 'unknown' })
  })

  test('with W=1 the final reply to the same packet is waited for', async () => {
    const { send } = lineOf([ack, reply('EP00400210', '8'), done('8')])
    expect((await send('=T1')).reply).toMatchObject({ done: true, status: '00' })
  })

  test('a text of the memory counts only after an ACK, outside of frames or between STX and ETX', async () => {
    const text = 'DOCUMENTO N. 0142-0001\r\n'
    for (const bytes of [Buffer.from(text), Buffer.from(`\x02${text}\x03`)]) {
      expect((await lineOf([ack, bytes, done('8')]).send('=C453/$0')).text).toBe(text)
      expect((await lineOf([bytes, done('8')]).send('=C453/$0')).text).toBe('')
    }
  })

  test('an ACK that is switched off is learnt from the first two replies: texts need none, and replies get their time', async () => {
    const text = Buffer.from('DOCUMENTO N. 0142-0001\r\n')
    const { clock, link, send } = lineOf([done('8')], [done('9')], [text, done('0')], [done('1')], [])
    await send('=K')
    await send('=K')
    expect((await send('=C453/$0')).text).toBe('DOCUMENTO N. 0142-0001\r\n')
    const standstills = [25_000]
    link.beforeRead = () => clock.advance(standstills.pop() ?? 0)
    expect((await send('=T1')).reply).toMatchObject({ done: true })
    await expect(send('=T1')).rejects.toMatchObject({
      code: 'timeout',
      effect: 'unknown',
      message: '=T1: no reply in time',
    })
  })

  test('an ACK ends that rule, and a text without one is not a reading again', async () => {
    const text = Buffer.from('DOCUMENTO N. 0142-0001\r\n')
    const { send } = lineOf([done('8')], [done('9')], [ack, done('0')], [text, done('1')])
    for (let command = 0; command < 3; command += 1) await send('=K')
    expect((await send('=C453/$0')).text).toBe('')
  })

  test('bytes above 7Fh in a text neither end nor split it, outside of frames and between STX and ETX', async () => {
    const text = 'Prezzo(\x80)\r\nCAFF\xc8 1,00\xff\r\n'
    for (const bytes of [Buffer.from(text, 'latin1'), Buffer.from(`\x02${text}\x03`, 'latin1')])
      expect((await lineOf([ack, bytes, done('8')]).send('=C453/$0')).text).toBe(text)
  })

  test('a text of the memory may take longer than any reply while its bytes keep coming', async () => {
    const { link, clock, send } = lineOf([
      ack,
      ...Array.from({ length: 40 }, () => Buffer.from('#REF A1\r\n')),
      done('8'),
    ])
    link.beforeRead = () => clock.advance(9000)
    const { text } = await send('=C451/$0/&010126/[020126')
    expect(text).toHaveLength(40 * 9)
  })

  test('a text whose ACK was lost is read completely: the printer accepts nothing before', async () => {
    const lines = Array.from({ length: 40 }, () => Buffer.from('#REF A1\r\n'))
    const { link, clock, send } = lineOf([...lines, done('8')])
    link.beforeRead = () => clock.advance(9000)
    expect(await send('=C451/$0/&010126/[020126')).toMatchObject({ reply: { done: true }, text: '' })
    const endless = lineOf(Array.from({ length: 20 }, () => Buffer.alloc(65_536, '\n')))
    await expect(endless.send('=C453/$0')).rejects.toMatchObject({ code: 'garbled', effect: 'unknown' })
  })

  test('an ACK that is read only after the process was blocked still gives the printer its time', async () => {
    const { link, clock, send } = lineOf([Buffer.from('\r\n'), ack, done('8')])
    const standstills = [60_000]
    link.beforeRead = () => clock.advance(standstills.pop() ?? 0)
    expect((await send('=T1')).reply).toMatchObject({ done: true })
  })

  test('a text that does not end is abandoned at its limit', async () => {
    const { send } = lineOf([ack, ...Array.from({ length: 20 }, () => Buffer.alloc(65_536, 'x')), done('8')])
    await expect(send('=C453/$0')).rejects.toMatchObject({ code: 'garbled', effect: 'unknown' })
  })

  test('an enquiry is not answered by an outcome that says done, nor by another letter', async () => {
    const { send } = lineOf([ack, done('8'), reply('7141', '8'), reply('S1250', '8')])
    expect((await send('<</?S')).reply).toEqual({ kind: 'value', letter: 'S', value: '1250' })
  })
})
