import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { CryptovisionTse } from '../../../drivers/tse-cryptovision/driver.ts'
import { PlayedCard } from './played-card.ts'

let mount: string
let card: PlayedCard | undefined
beforeEach(async () => {
  mount = await mkdtemp(join(tmpdir(), 'cv-'))
})
afterEach(async () => {
  await card?.remove()
  await rm(mount, { recursive: true })
})

async function digits(name: string): Promise<string> {
  return name.endsWith('Puk') ? '0123456789' : '22222222'
}
const secrets: DeviceSecrets = { read: digits, provide: digits }

function tse(replyMs = 2000, clock: Clock = systemClock): CryptovisionTse {
  return new CryptovisionTse({ id: 'tse-1', path: mount, secrets, clock, timeouts: { replyMs, longMs: 3000 } })
}

const STARTED =
  '00000000 0033 0031 04 001b 3436323037362044656320313820323031392030303a31313a3530 02 0010 0103d047f5001b8559efc7f5aaf54c67'
const DONE = '00000000 0002 0000'
const LOGGED_IN = '00000000 000b 0009 01 0001 00 03 0002 0003'
const START = '5c5400000000'
const WAKE = '5344 0000'
const admin = '5c5400030013 04 0005 41646d696e 02 0008 3232323232323232'.replaceAll(' ', '')

function byte(value: string): string {
  return `00000000 0006 0004 01 0001 ${value}`
}

function bytes(value: string): string {
  const length = value.length / 2
  const hex4 = (number: number): string => number.toString(16).padStart(4, '0')
  return `00000000 ${hex4(length + 5)} ${hex4(length + 3)} 02 ${hex4(length)} ${value}`
}

/** The answers of every card to waking and starting. */
function basic(data: string, mode: number): readonly string[] | undefined {
  if (mode !== 0) return ['00000000 0000']
  return data === START ? ['00000000 ffff', '00000000 ffff', STARTED] : undefined
}
const START_TRANSACTION = /^5c54000a/
const GET_PIN_STATES = '5c5400010000'
const lifeCycle = '5c5400120005 03 0002 0004'.replaceAll(' ', '')

function commandOf(data: string): string {
  return data.slice(4, 8)
}

test('the file is cleared, the card woken and started, in this order, however often it is busy', async () => {
  card = await PlayedCard.insert(mount, (data, mode) => basic(data, mode) ?? [])
  const unit = tse()
  await unit.open()
  expect(card.asked).toEqual(['zeros', WAKE, START])
  await unit.close()
})

test('a card that is silent at its start is not open: the next attempt starts again', async () => {
  let isSilent = true
  card = await PlayedCard.insert(mount, (data, mode) => (isSilent ? [] : (basic(data, mode) ?? [])))
  const unit = tse()
  await expect(unit.open()).rejects.toMatchObject({ code: 'timeout' })
  isSilent = false
  await unit.open()
  expect(card.asked.slice(-3)).toEqual(['zeros', WAKE, START])
  await unit.close()
})

test('a refusal is followed by the order to drop the rest, whose answer is not waited for', async () => {
  card = await PlayedCard.insert(
    mount,
    (data, mode) => basic(data, mode) ?? (data === 'c4' ? [] : ['00000000 0002 8012']),
  )
  const unit = tse()
  await unit.open()
  await expect(unit.start('till-1')).rejects.toMatchObject({ code: 'client_unknown', effect: 'none' })
  await expect(unit.start('till-1')).rejects.toMatchObject({ deviceCode: '8012' })
  expect(card.asked.filter((data) => START_TRANSACTION.test(data))).toHaveLength(2)
  await expect.poll(() => card?.asked).toContain('c4')
  await unit.close()
})

test('a card whose controller timed out may have signed; so may one with an unknown error', async () => {
  const errors = ['00000000 ff45', '00000000 ff07', '00000000 0002 8000', '00000000 0002 80ff']
  card = await PlayedCard.insert(mount, (data, mode) => {
    const told = basic(data, mode)
    return told ?? (START_TRANSACTION.test(data) ? [errors.shift() ?? ''] : [])
  })
  const unit = tse()
  await unit.open()
  for (const deviceCode of ['ff45', 'ff07', '8000', '80ff'])
    await expect(unit.start('till-1')).rejects.toMatchObject({ effect: 'unknown', deviceCode })
  await unit.close()
})

test('a card that lost its start and its time is started and gets the time, then the act is repeated', async () => {
  const refusals = ['801d', '8011']
  const signed = `00000000 0024 0022 02 0004 00000007 02 0004 0000000a 02 0008 000000005ec117a8 02 0002 abcd 02 0001 01`
  card = await PlayedCard.insert(mount, (data, mode) => {
    const told = basic(data, mode)
    if (told !== undefined || data === 'c4') return told ?? []
    if (!START_TRANSACTION.test(data)) return [commandOf(data) === '0003' ? LOGGED_IN : DONE]
    const refusal = refusals.shift()
    return [refusal === undefined ? signed : `00000000 0002 ${refusal}`]
  })
  const unit = tse()
  await unit.open()
  expect(await unit.start('till-1')).toMatchObject({
    transaction: 7,
    signatureCounter: 10,
    logTimeMs: 1_589_712_808_000,
  })
  const commands = card.asked.filter((data) => data.startsWith('5c54')).map(commandOf)
  expect(commands).toEqual(['0000', '000a', '0000', '000a', '0003', '0007', '0005', '000a'])
  await unit.close()
})

test('nothing is written to an unknown card, though it has lost its time', async () => {
  card = await PlayedCard.insert(
    mount,
    (data, mode) => basic(data, mode) ?? (data === 'c4' ? [] : ['00000000 0002 8011']),
  )
  const unit = tse()
  await unit.open()
  await expect(unit.identity()).rejects.toMatchObject({ code: 'time_not_set' })
  await expect(unit.health()).rejects.toMatchObject({ code: 'time_not_set' })
  expect(card.asked.some((data) => commandOf(data) === '0003' || commandOf(data) === '0007')).toBe(false)
  await unit.close()
})

test('an archive that ends before its announced length is invalid', async () => {
  const whole = `00000000 1fde 9000 0000000000004e00 ${'61'.repeat(8148)}`
  const pieces = [`00000000 1fde ${'61'.repeat(8158)}`, '00000000 0002 6161']
  card = await PlayedCard.insert(mount, (data, mode) => {
    const told = basic(data, mode)
    return told ?? (data === 'c5' ? [pieces.shift() ?? ''] : data === 'c4' ? [] : [whole])
  })
  const unit = tse()
  await unit.open()
  await expect(unit.recall(7)).rejects.toMatchObject({ code: 'garbled' })
  expect(card.asked.filter((data) => data === 'c5')).toHaveLength(2)
  await unit.close()
})

test.each(['8015', '8019', '801a'])('a filter without a match is reported as that: %s', async (code) => {
  card = await PlayedCard.insert(
    mount,
    (data, mode) => basic(data, mode) ?? (data === 'c4' ? [] : [`00000000 0002 ${code}`]),
  )
  const unit = tse()
  await unit.open()
  const archive = unit.exportLogs({ clientId: 'till-1' })[Symbol.asyncIterator]()
  await expect(archive.next()).rejects.toMatchObject({ code: 'no_data', effect: 'none' })
  expect(await unit.recall(7)).toBeUndefined()
  await unit.close()
})

test('a card without PINs gets them user by user, is initialised and gets the time in one login', async () => {
  card = await PlayedCard.insert(mount, (data, mode) => {
    if (data === START) return [STARTED.replace('343632303736', '353132303736')]
    const told = basic(data, mode)
    if (told !== undefined) return told
    if (data === GET_PIN_STATES) return [bytes('01010101')]
    if (data === lifeCycle) return [bytes('0001')]
    return [commandOf(data) === '0003' ? LOGGED_IN : commandOf(data) === '0004' ? byte('00') : DONE]
  })
  const unit = tse()
  await unit.open()
  await unit.initialise()
  const commands = card.asked.filter((data) => data.startsWith('5c54')).map(commandOf)
  expect(commands.slice(2)).toEqual(['0001', '0002', '0002', '0004', '0004', '0012', '0003', '0006', '0007', '0005'])
  expect(card.asked).toContain(admin)
  await unit.close()
})

test('an interrupted set-up continues at its last step, and one PIN that is refused twice ends it', async () => {
  card = await PlayedCard.insert(mount, (data, mode) => {
    if (data === START) return [STARTED.replace('343632303736', '353132303736')]
    const told = basic(data, mode)
    if (told !== undefined || data === 'c4') return told ?? []
    if (data === GET_PIN_STATES) return [bytes('00000100')]
    if (data === lifeCycle) return [bytes('0001')]
    if (commandOf(data) === '0003') return ['00000000 000b 0009 01 0001 01 03 0002 0002']
    return [commandOf(data) === '0004' ? byte('00') : DONE]
  })
  const unit = tse()
  await unit.open()
  const init = () => unit.admit(() => unit.initialise(), true)
  for (let i = 0; i < 3; i += 1) await expect(init()).rejects.toMatchObject({ code: 'pin_wrong' })
  const commands = card.asked.filter((data) => data.startsWith('5c54')).map(commandOf)
  expect(commands.filter((code) => code === '0002')).toHaveLength(0)
  expect(commands.filter((code) => code === '0003')).toHaveLength(2)
  await unit.close()
})

test('a PUK that the card refuses is reported with the file that it was read from', async () => {
  card = await PlayedCard.insert(mount, (data, mode) => {
    if (data === START) return [STARTED.replace('343632303736', '353132303736')]
    const told = basic(data, mode)
    if (told !== undefined || data === 'c4') return told ?? []
    return data === GET_PIN_STATES ? [bytes('00000100')] : [byte('01')]
  })
  const told = { ...secrets, refused: (name: string) => `/etc/${name} as of today` }
  const timeouts = { replyMs: 2000, longMs: 3000 }
  const unit = new CryptovisionTse({ id: 'tse-1', path: mount, secrets: told, clock: systemClock, timeouts })
  await unit.open()
  await expect(unit.initialise()).rejects.toMatchObject({
    code: 'pin_wrong',
    message: 'the card refused the PUK of TimeAdmin. It was read from /etc/timeAdminPuk as of today',
  })
  await unit.close()
})

const openCount = '5c5400120005 03 0002 0001'.replaceAll(' ', '')
const openList = '5c5400120005 03 0002 0002'.replaceAll(' ', '')
/** Reports the number of open transactions and omits the list of them. */
function listless(count: string) {
  return (data: string, mode: number): readonly string[] => {
    if (data === openList) return ['00000000 0000']
    return basic(data, mode) ?? (data === openCount ? [bytes(count)] : [])
  }
}

test('a card without open transactions may leave their list out', async () => {
  card = await PlayedCard.insert(mount, listless('00000000'))
  const unit = tse()
  await unit.open()
  expect(await unit.openTransactions()).toEqual([])
  await unit.close()
})

test('an empty answer is not an empty list if the card counts a transaction: a lost start would be made twice', async () => {
  card = await PlayedCard.insert(mount, listless('00000001'))
  const unit = tse()
  await unit.open()
  await expect(unit.openTransactions()).rejects.toMatchObject({ code: 'garbled', effect: 'unknown' })
  await unit.close()
})

/** Answers each login with the next of `logins`: its result and the tries that are left. */
function cardTelling(logins: string[]): Promise<PlayedCard> {
  return PlayedCard.insert(mount, (data, mode) => {
    const told = basic(data, mode)
    if (told !== undefined || data === 'c4') return told ?? []
    return [commandOf(data) === '0003' ? `00000000 000b 0009 01 0001 ${logins.shift() ?? ''}` : DONE]
  })
}

test('a login that fails within the card may have cost a try: the same PIN is shown again a minute later', async () => {
  // An error within the card, then a success; an error that is near the last try.
  const logins = ['04 03 0002 0002', '00 03 0002 0003', '04 03 0002 0001']
  card = await cardTelling(logins)
  let passedNs = 0n
  const clock: Clock = { ...systemClock, mono: () => systemClock.mono() + passedNs }
  const unit = tse(2000, clock)
  await unit.open()
  await expect(unit.setTime()).rejects.toMatchObject({ code: 'refused', effect: 'none', deviceCode: 'error' })
  await expect(unit.setTime()).rejects.toThrow('2 tries are left): it is tried again a minute later')
  passedNs += 60_000_000_000n
  await unit.setTime()
  for (const _ of ['shown', 'not shown again'])
    await expect(unit.setTime()).rejects.toThrow('could not check the PIN of TimeAdmin: 1 tries are left')
  expect(logins).toEqual([])
  await unit.close()
})

test('a card that failed at a login and does not report the remaining tries is not shown the PIN again', async () => {
  const logins = ['04 03 0002 ffff', '00 03 0002 0003']
  card = await cardTelling(logins)
  const unit = tse()
  await unit.open()
  for (const _ of ['shown', 'not shown again'])
    await expect(unit.setTime()).rejects.toMatchObject({ code: 'pin_wrong', effect: 'none' })
  expect(logins).toHaveLength(1)
  await unit.close()
})

test('a user that the card does not have is reported as such, not as a wrong PIN with 65535 tries', async () => {
  card = await PlayedCard.insert(mount, (data, mode) => {
    const told = basic(data, mode)
    return told ?? (data === 'c4' ? [] : ['00000000 000b 0009 01 0001 03 03 0002 ffff'])
  })
  const unit = tse()
  await unit.open()
  await expect(unit.setTime()).rejects.toMatchObject({
    code: 'not_authorised',
    message: 'the card does not know the user TimeAdmin',
  })
  await unit.close()
})

test.each([
  ['left out', '00000000 0002 0000'],
  ['empty', '00000000 0005 0003 05 0000'],
  ['in another form', '00000000 0008 0006 05 0003 0a0b0c'],
])('a list of open transactions that is %s is believed only if the card counts none', async (_what, list) => {
  let count = '00000001'
  const status = (data: string): string => (data.endsWith('0002') ? list : bytes(count))
  card = await PlayedCard.insert(mount, (data, mode) => basic(data, mode) ?? [status(data)])
  const unit = tse()
  await unit.open()
  await expect(unit.openTransactions('till-1')).rejects.toMatchObject({ code: 'garbled', effect: 'unknown' })
  count = '00000000'
  expect(await unit.openTransactions('till-1')).toEqual([])
  await unit.close()
})
