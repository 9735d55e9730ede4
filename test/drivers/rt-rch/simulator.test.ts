import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../../../drivers/rt-rch/frame.ts'
import { RchSimulator } from '../../../drivers/rt-rch/simulator.ts'
import { ManualClock } from '../../manual-clock.ts'

let directory: string
let simulator: RchSimulator
let socket: Socket
let clock: ManualClock

async function start(): Promise<void> {
  clock = new ManualClock(Date.parse('2026-09-14T08:00:00Z'))
  simulator = new RchSimulator({ directory, clock })
  simulator.open()
  const port = await simulator.serveTcp(0)
  socket = connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
}

async function stop(): Promise<void> {
  socket.destroy()
  await simulator.close()
}
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rch-simulator-'))
  await start()
})
afterEach(async () => {
  await stop()
  await rm(directory, { recursive: true })
})

/** Everything up to the next ETX, as hexadecimal. */
function heard(): Promise<Buffer> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (!bytes.includes(0x03) && !bytes.equals(Buffer.of(0x15))) return
      socket.off('data', onData)
      resolve(bytes)
    }
    socket.on('data', onData)
  })
}

async function exchange(bytes: Buffer): Promise<Buffer> {
  const answer = heard()
  socket.write(bytes)
  return await answer
}

async function say(data: string): Promise<string> {
  const answer = await exchange(encodeFrame({ address: '01', protocol: 'N', pack: '0', data }))
  return decodeFrame(answer.subarray(answer.lastIndexOf(0x02)))?.data ?? ''
}

describe('the simulated RCH printer', () => {
  test('answers the documented dialogue of a sale byte for byte', async () => {
    const dialogue = [
      ['02303130303 54e3c3c2f3f7330324203', '06023031303133 4e73303030303030524530303030383233 03'],
      ['023031303035 4e3c3c2f3f373136 4503', '06 02 30 31 30 30 34 4e 37 31 34 31 39 34 33 03'],
      [
        '02 30 31 30 32 38 4e 3d 52 31 2f 24 35 30 30 2f 2a 32 2f 28 43 41 46 46 45 20 49 4e 20 47 52 41 4e 49 29 39 32 34 03',
        '06 02 30 31 30 31 30 4e 4f 4e 30 30 30 30 30 31 30 30 37 34 42 03',
      ],
      [
        '02 30 31 30 31 39 4e 3d 52 32 2f 24 32 35 30 2f 2a 31 2f 28 41 43 51 55 41 29 30 37 39 03',
        '06 02 30 31 30 31 30 4e 4f 4e 30 30 30 30 30 31 30 30 38 34 34 03',
      ],
      [
        '02 30 31 30 31 34 4e 3d 22 2f 3f 41 2f 28 52 45 46 20 41 31 29 31 32 38 03',
        '06 02 30 31 30 31 30 4e 4f 4e 30 30 30 30 30 31 30 30 39 34 35 03',
      ],
      [
        '02 30 31 30 30 39 4e 3d 54 34 2f 24 31 32 35 30 33 31 37 03',
        '06 02 30 31 30 31 30 4e 4f 4e 30 30 30 30 30 30 30 30 31 34 43 03',
      ],
      ['02 30 31 30 30 32 4e 3d 63 34 31 35 03', '06 02 30 31 30 31 30 4e 4f 4e 30 30 30 30 30 30 30 30 32 34 46 03'],
      [
        '02 30 31 30 30 35 4e 3c 3c 2f 3f 73 35 32 45 03',
        '06 02 30 31 30 31 33 4e 73 30 30 30 30 30 30 52 45 30 30 30 31 33 32 39 03',
      ],
    ]
    for (const [sent = '', expected = ''] of dialogue) {
      const answer = await exchange(Buffer.from(sent.replaceAll(' ', ''), 'hex'))
      expect(answer.toString('hex')).toBe(expected.replaceAll(' ', ''))
    }
    expect(simulator.documents()[0]?.lines.map((line) => line.trim())).toEqual([
      'DOCUMENTO COMMERCIALE',
      'di vendita o prestazione',
      'DESCRIZIONE                   IVA      Prezzo(E)',
      'CAFFE IN GRANI                22%          10,00',
      'n.2 * 5,00',
      'ACQUA                         10%           2,50',
      '#REF A1',
      'TOTALE COMPLESSIVO                         12,50',
      'di cui IVA                                  2,03',
      'CARTE ELETTRONICHE                         12,50',
      'Pagamento elettronico                      12,50',
      'Importo pagato                             12,50',
      '14-09-2026 10:00',
      'DOCUMENTO N. 0142-0001',
      'RT 72IV6000001',
    ])
  })

  test('refuses a wrong check with NAK, is silent for other addresses, forgets a partial frame', async () => {
    const frame = encodeFrame({ address: '01', protocol: 'N', pack: '0', data: '<</?m' })
    const broken = Buffer.from(frame)
    broken[8] = 0x41
    expect(await exchange(broken)).toEqual(Buffer.of(0x15))
    socket.write(encodeFrame({ address: '07', protocol: 'N', pack: '0', data: '<</?m' }))
    expect(await say('<</?7')).toBe('7141')
  })

  test.each(['=R1/$100/(CAFF\u00c8)', '=R1/$100/(CAFF\t)', '<</?m\u00c8'])(
    'refuses bytes that no frame has with EG0002, if all else is right: %j',
    async (data) => {
      const body = `\x0201${String(data.length).padStart(3, '0')}N${data}0`
      const check = Buffer.from(body, 'latin1').reduce((sum, byte) => sum ^ byte, 0)
      const bcc = check.toString(16).toUpperCase().padStart(2, '0')
      const answer = await exchange(Buffer.from(`${body}${bcc}\x03`, 'latin1'))
      expect(answer.subarray(0, 1)).toEqual(Buffer.of(0x06))
      expect(decodeFrame(answer.subarray(1))?.data).toBe('EG00020000')
    },
  )

  test('moves no cash in another key than R', async () => {
    await say('=C3')
    expect(await say('=e/$100')).toBe('EG00040000')
    await say('=C1')
    expect(await say('=e/$100')).toBe('ON00000000')
  })

  test('takes 7Fh, the last byte that a frame may have, and reports its network', async () => {
    const frame = Buffer.from('\x0201006N<</?m\x7f0', 'latin1')
    const bcc = frame.reduce((sum, byte) => sum ^ byte, 0)
    const answer = await exchange(
      Buffer.from(`${frame.toString('latin1')}${bcc.toString(16).toUpperCase().padStart(2, '0')}\x03`, 'latin1'),
    )
    expect(decodeFrame(answer.subarray(1))?.data).toBe('EG00030000')
    expect(await say('<</?e')).toBe('e1')
  })

  test.each([
    ['=R1/$0', 'ES0001'],
    ['=R11/$100', 'ES0001'],
    ['=R1/$100/(TOTALE)', 'EG0002'],
    ['=R1/#100', 'EG0002'],
    ['=R1/$100/(a(b)', 'EG0002'],
    ['=R1/$100/(a)b)', 'EG0002'],
    ['=Y', 'EG0003'],
    ['=T1', 'EG0005'],
    ['=k', 'EG0005'],
    ['=C10', 'EG0004'],
    ['=C453/$0', 'EG0004'],
    ['=p/$100', 'ES0001'],
    ['="/?L/$1/(abc)', 'ES0001'],
    ['=k/&140926/[142/]9', 'EG0020'],
  ])('%s is refused with %s', async (command, code) => {
    expect((await say(command)).slice(0, 6)).toBe(code)
    expect(await say('<</?s')).toContain(`s${code.slice(2)}00`)
  })

  test('a payment number beyond the table becomes the last one, a late payment proves nothing', async () => {
    await say('=R1/$100')
    expect(await say('=T15')).toBe('ON00000000')
    expect(await say('=T1')).toBe('ON00000000')
    expect(simulator.documents()).toHaveLength(1)
    expect(simulator.documents()[0]?.lines.join()).toContain('BUONI CELIACHIA')
  })

  test('a return beyond the rest, a void after a return: refused', async () => {
    await say('=R1/$100')
    await say('=T1')
    expect(await say('=r/&140926/[142/]1')).toBe('ON00000100')
    expect((await say('=R1/$101')).slice(0, 6)).toBe('EG0022')
    await say('=R1/$60')
    await say('=T1')
    expect((await say('=k/&140926/[142/]1')).slice(0, 6)).toBe('EG0021')
    expect(simulator.documents().map(({ kind }) => kind)).toEqual(['sale', 'return'])
  })

  test.each([
    ['its end at any point, which is a power loss', '{"type":"docum'],
    ['a power cut that left zeros of the last record', `${'\0'.repeat(40)},"cashCents":0}\n`],
  ])('the memory survives %s', async (_name, tail) => {
    await say('=R1/$100')
    await say('=T1')
    await say('=R1/$100')
    await stop()
    await appendFile(join(directory, 'memory.jsonl'), tail)
    await start()
    expect(await say('<</?s')).toBe('s000000RE0001')
    expect(await say('<</?0')).toBe('01')
    await say('=R1/$100')
    await say('=T1')
    await stop()
    await start()
    expect(simulator.documents().map(({ number }) => number)).toEqual([1, 2])
  })

  test('an unknown fault is refused with the list of known ones', () => {
    for (const fault of ['', 'nonsense@=T', 'nak@', 'nak@=T#0', 'nak@=T#3-1', 'nak=ä@=T'])
      expect(() => simulator.inject(fault)).toThrow(/NAME\[=ARG\]@ACT.*lost-answer/)
  })
})
