import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { DeviceError } from '../../drivers/errors.ts'
import type { Fingerprint } from '../../drivers/ports/secrets.ts'
import { undocumented } from '../../drivers/refusal-class.ts'
import { RefusedPins } from '../../drivers/refused-pins.ts'
import { ManualClock } from '../manual-clock.ts'
import { patientClock } from '../patient-clock.ts'
import { spawnSync } from '../waits.ts'

async function made(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pin-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** As the child has it. */
const fingerprint: Fingerprint = (text) => createHmac('sha256', 'the key of an agent').update(text).digest('hex')
const wrong = new DeviceError('pin_wrong', 'none', '2 tries are left')

test('a PIN that was refused is not tried again by another process; another one is, and then both are forgotten', async () => {
  const folder = await made()
  const tried: string[] = []
  const attempt = (pin: string) => async () => {
    tried.push(pin)
    if (pin !== '222222') throw wrong
  }
  await expect(
    new RefusedPins(folder, { fingerprint }, patientClock).logIn('admin', '111111', attempt('111111')),
  ).rejects.toBe(wrong)
  const text = await readFile(join(folder, 'pin-refused.json'), 'utf8')
  expect(text).not.toContain('111111')
  const later = new RefusedPins(folder, { fingerprint }, patientClock)
  await expect(later.logIn('admin', '111111', attempt('111111'))).rejects.toMatchObject({
    code: 'pin_wrong',
    message: expect.stringContaining('2 tries are left: the same PIN is not tried again'),
  })
  await later.logIn('admin', '222222', attempt('222222'))
  expect(await readdir(folder)).toEqual([])
  expect(tried).toEqual(['111111', '222222'])
})

test('a refusal names the file that was read, and asks for a newer one each time; nothing else helps', async () => {
  const folder = await made()
  const asked: string[] = []
  const refused = (name: string): string => {
    asked.push(name)
    return '/etc/tse.pin as of 2026-11-25T20:00:00.000Z'
  }
  const pins = new RefusedPins(folder, { fingerprint, refused }, patientClock, () => 'adminPin')
  await expect(pins.logIn('admin', '1', () => Promise.reject(wrong))).rejects.toBe(wrong)
  // A running agent remembers without its file.
  await rm(join(folder, 'pin-refused.json'))
  await expect(pins.logIn('admin', '1', async () => 'in')).rejects.toThrow(
    'the same PIN is not tried again. It was read from /etc/tse.pin as of 2026-11-25T20:00:00.000Z: put another one there. If',
  )
  expect(asked).toEqual(['adminPin'])
  expect(await pins.logIn('admin', '2', async () => 'in')).toBe('in')
})

test('a PIN that must not be tried is not prepared for', async () => {
  const pins = new RefusedPins(await made(), { fingerprint }, patientClock)
  const steps: string[] = []
  const prepare = async () => {
    steps.push('prepare')
    return 'challenge'
  }
  const send = async (prepared: string) => {
    steps.push(prepared)
    throw wrong
  }
  await expect(pins.prepareAndLogIn('admin', '1', prepare, send)).rejects.toBe(wrong)
  await expect(pins.prepareAndLogIn('admin', '1', prepare, send)).rejects.toThrow('is not tried again')
  expect(steps).toEqual(['prepare', 'challenge'])
})

test('a preparation that fails or is lost costs no try: the PIN is not recorded, and is sent the next time', async () => {
  const folder = await made()
  const pins = new RefusedPins(folder, { fingerprint }, patientClock)
  for (const failure of [undocumented('0f01', 'unknown'), new DeviceError('timeout', 'unknown', 'no answer')]) {
    const send = vi.fn(async () => 'in')
    await expect(pins.prepareAndLogIn('admin', '1', () => Promise.reject(failure), send)).rejects.toBe(failure)
    expect(send).not.toHaveBeenCalled()
    expect(await readdir(folder)).toEqual([])
  }
  expect(
    await pins.prepareAndLogIn(
      'admin',
      '1',
      async () => 'in',
      async (prepared) => prepared,
    ),
  ).toBe('in')
})

test('if the file could not be written the process remembers the refusal, though the file does not exist', async () => {
  const folder = await made()
  await writeFile(join(folder, 'no-folder'), '')
  // As on a disk that is full: there is no file, and no other error on the way to it.
  await symlink(join(folder, 'gone'), join(folder, 'link'))
  for (const directory of [join(folder, 'no-folder'), join(folder, 'link')]) {
    const pins = new RefusedPins(directory, { fingerprint }, patientClock)
    await expect(pins.logIn('admin', '1', () => Promise.reject(wrong))).rejects.toBe(wrong)
    await expect(pins.logIn('admin', '1', async () => 'in')).rejects.toThrow('is not tried again')
  }
})

test('a file without a PIN is not remembered, and a torn file blocks no login', async () => {
  const folder = await made()
  const pins = new RefusedPins(folder, { fingerprint }, patientClock)
  for (const kept of [
    new DeviceError('time_not_set', 'none', 'no time'),
    new DeviceError('unavailable', 'none', 'out'),
  ])
    await expect(pins.logIn('admin', '1', () => Promise.reject(kept))).rejects.toBe(kept)
  expect(await readdir(folder)).toEqual([])
  await writeFile(join(folder, 'pin-refused.json'), '{"admin":{"co')
  expect(await new RefusedPins(folder, { fingerprint }, patientClock).logIn('admin', '1', async () => 'in')).toBe('in')
})

/** Answers that leave open whether the unit has counted a try. */
const DOUBTFUL = [
  new DeviceError('timeout', 'unknown', 'no answer'),
  undocumented('0f01', 'unknown'),
  new DeviceError('not_authorised', 'none', 'a user must log in first', '0111', [], 'authentication'),
]

test.each(DOUBTFUL)(
  'a login that may have cost a try ($message) is repeated once, a minute later, and not a third time',
  async (lost) => {
    const folder = await made()
    const clock = new ManualClock()
    let shown = 0
    const attempt = async (): Promise<never> => {
      shown += 1
      throw lost
    }
    const first = new RefusedPins(folder, { fingerprint }, clock)
    await expect(first.logIn('admin', '31415', attempt)).rejects.toBe(lost)
    await expect(first.logIn('admin', '31415', attempt)).rejects.toMatchObject({
      code: 'not_authorised',
      effect: 'none',
    })
    // Neither does the process that comes after it.
    const later = new RefusedPins(folder, { fingerprint }, clock)
    await expect(later.logIn('admin', '31415', attempt)).rejects.toThrow('a minute later')
    await clock.advance(60_000)
    await expect(later.logIn('admin', '31415', attempt)).rejects.toBe(lost)
    await clock.advance(86_400_000)
    for (const pins of [later, new RefusedPins(folder, { fingerprint }, clock)])
      await expect(pins.logIn('admin', '31415', attempt)).rejects.toThrow('until its file holds another one')
    expect(shown).toBe(2)
    expect(await later.logIn('admin', '27182', async () => 'in')).toBe('in')
    expect(await readdir(folder)).toEqual([])
  },
)

function never() {
  return new Promise<never>(() => undefined)
}

test('device init shows a refused PIN once again, and not a third time', async () => {
  const folder = await made()
  const pins = new RefusedPins(folder, { fingerprint }, new ManualClock())
  const init = <T>(attempt: () => Promise<T>, pin = '2', of = pins) =>
    of.admit(
      () => of.logIn('timeAdmin', pin, attempt),
      () => true,
    )
  const refuse = () => Promise.reject(wrong)
  await expect(pins.logIn('timeAdmin', '2', refuse)).rejects.toBe(wrong)
  await expect(pins.admit(() => pins.logIn('timeAdmin', '2', refuse))).rejects.toThrow('not tried again')
  await expect(init(refuse)).rejects.toBe(wrong)
  await expect(init(async () => 'in')).rejects.toThrow('not tried again')
  const later = new RefusedPins(folder, { fingerprint }, new ManualClock())
  await expect(init(async () => 'in', '2', later)).rejects.toThrow('not tried again')
  // A new instance starts again, and a PIN that the maker's tool gave the unit is accepted.
  await expect(pins.logIn('timeAdmin', '3', refuse)).rejects.toBe(wrong)
  expect(await init(async () => 'in', '3')).toBe('in')
  expect(await new RefusedPins(folder, { fingerprint }, new ManualClock()).hasRefused('timeAdmin')).toBe(false)
})

test('a refused PIN whose second login was cut off is not tried again', async () => {
  const folder = await made()
  const clock = new ManualClock()
  const pins = new RefusedPins(folder, { fingerprint }, clock)
  await expect(pins.logIn('admin', '1', () => Promise.reject(wrong))).rejects.toBe(wrong)
  let shown = 0
  const cutOff = () => {
    shown += 1
    return never()
  }
  void pins
    .admit(
      () => pins.logIn('admin', '1', cutOff),
      () => true,
    )
    .catch(() => undefined)
  await expect.poll(() => shown).toBe(1)
  const later = new RefusedPins(folder, { fingerprint }, clock)
  await clock.advance(86_400_000)
  await expect(later.logIn('admin', '1', cutOff)).rejects.toMatchObject({ code: 'pin_wrong' })
  await expect(
    later.admit(
      () => later.logIn('admin', '1', cutOff),
      () => true,
    ),
  ).rejects.toMatchObject({ code: 'pin_wrong' })
  expect(shown).toBe(1)
})

test('a login whose answer the process did not live to see may have cost a try, like any whose answer is lost', async () => {
  const folder = await made()
  const clock = new ManualClock()
  let shown = 0
  const attempt = (): Promise<never> => {
    shown += 1
    return never()
  }
  const begun = (pins: RefusedPins, count: number) => {
    void pins.logIn('admin', '31415', attempt).catch(() => undefined)
    return expect.poll(() => shown).toBe(count)
  }
  await begun(new RefusedPins(folder, { fingerprint }, clock), 1)
  const second = new RefusedPins(folder, { fingerprint }, clock)
  await expect(second.logIn('admin', '31415', attempt)).rejects.toMatchObject({
    code: 'not_authorised',
    message: expect.stringContaining('the agent ended before the answer'),
  })
  await clock.advance(60_000)
  await begun(second, 2)
  const third = new RefusedPins(folder, { fingerprint }, clock)
  await clock.advance(86_400_000)
  await expect(third.logIn('admin', '31415', attempt)).rejects.toThrow('until its file holds another one')
  expect(await third.logIn('admin', '27182', async () => 'in')).toBe('in')
  expect([shown, await readdir(folder)]).toEqual([2, []])
})

test('a process that is killed in a login has recorded the PIN before it was shown', async () => {
  const folder = await made()
  const script = join(import.meta.dirname, 'children', 'killed-in-login.ts')
  const ran = spawnSync(process.execPath, [script, folder, '31415'], { encoding: 'utf8' })
  expect({ signal: ran.signal, errors: ran.stderr }).toEqual({ signal: 'SIGKILL', errors: '' })
  const later = new RefusedPins(folder, { fingerprint }, new ManualClock())
  await expect(later.logIn('admin', '31415', async () => 'in')).rejects.toThrow('a minute later')
  expect(await readFile(join(folder, 'pin-refused.json'), 'utf8')).not.toContain('31415')
})

test('a login that surely cost no try leaves the record unchanged', async () => {
  const folder = await made()
  const clock = new ManualClock()
  const lost = new DeviceError('timeout', 'unknown', 'no answer')
  const out = new DeviceError('unavailable', 'none', 'out')
  const pins = new RefusedPins(folder, { fingerprint }, clock)
  await expect(pins.logIn('admin', '1', () => Promise.reject(lost))).rejects.toBe(lost)
  await clock.advance(60_000)
  for (let tries = 0; tries < 5; tries += 1)
    await expect(pins.logIn('admin', '1', () => Promise.reject(out))).rejects.toBe(out)
  const later = new RefusedPins(folder, { fingerprint }, clock)
  await clock.advance(60_000)
  expect(await later.logIn('admin', '1', async () => 'in')).toBe('in')
})

test('a login that is cancelled while the unit may be answering it has an unknown outcome', async () => {
  const folder = await made()
  const pins = new RefusedPins(folder, { fingerprint }, new ManualClock())
  const stopped = new DeviceError('aborted', 'unknown', 'cancelled while the device was answering')
  await expect(pins.logIn('admin', '1', () => Promise.reject(stopped))).rejects.toBe(stopped)
  await expect(pins.logIn('admin', '1', async () => 'in')).rejects.toThrow('a minute later')
})

const lostAnswer = new DeviceError('timeout', 'unknown', 'no answer')

test('a technician command shows a PIN with an unknown outcome once again, and no refused PIN', async () => {
  const folder = await made()
  const pins = new RefusedPins(folder, { fingerprint }, new ManualClock())
  await expect(pins.logIn('admin', '1', () => Promise.reject(lostAnswer))).rejects.toBe(lostAnswer)
  await expect(pins.logIn('timeAdmin', '2', () => Promise.reject(wrong))).rejects.toBe(wrong)
  await pins.admit(async () => {
    expect(await pins.logIn('admin', '1', async () => 'in')).toBe('in')
    await expect(pins.logIn('timeAdmin', '2', async () => 'in')).rejects.toMatchObject({ code: 'pin_wrong' })
  })
})

test('only the technician command may retry a PIN: no act after it, and not twice within it', async () => {
  const folder = await made()
  const clock = new ManualClock()
  const pins = new RefusedPins(folder, { fingerprint }, clock)
  const lose = () => pins.logIn('admin', '1', () => Promise.reject(lostAnswer))
  await expect(lose()).rejects.toBe(lostAnswer)
  await clock.advance(60_000)
  await expect(lose()).rejects.toBe(lostAnswer)
  // Its command needed no login.
  await pins.admit(async () => undefined)
  await expect(lose()).rejects.toThrow('until its file holds another one')
  await pins.admit(async () => {
    await expect(lose()).rejects.toBe(lostAnswer)
    await expect(lose()).rejects.toThrow('until its file holds another one')
  })
  await expect(lose()).rejects.toThrow('until its file holds another one')
  expect(await pins.admit(() => pins.logIn('admin', '1', async () => 'in'))).toBe('in')
  expect(await readdir(folder)).toEqual([])
})

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
type Kept = { admin: { salt: string; print: string } }
async function keptIn(folder: string): Promise<Kept> {
  return JSON.parse(await readFile(join(folder, 'pin-refused.json'), 'utf8')) as Kept
}

test('the file reveals no PIN without the key of the agent', async () => {
  const folder = await made()
  const refuse = () => Promise.reject(wrong)
  await expect(new RefusedPins(folder, { fingerprint }, patientClock).logIn('admin', '31415', refuse)).rejects.toBe(
    wrong,
  )
  const { salt, print } = (await keptIn(folder)).admin
  const pins = Array.from({ length: 100_000 }, (_, pin) => String(pin).padStart(5, '0'))
  expect(pins.filter((pin) => digestOf(salt + pin).startsWith(print))).toEqual([])
  await expect(new RefusedPins(folder, {}, patientClock).logIn('admin', '31415', async () => 'in')).resolves.toBe('in')
})

test('a PIN that an earlier version stored is not tried either, and is stored in the new form', async () => {
  const folder = await made()
  const salt = 'ab'.repeat(16)
  const kept = { code: 'pin_wrong', message: '2 tries are left', salt, print: digestOf(`${salt}31415`).slice(0, 4) }
  await writeFile(join(folder, 'pin-refused.json'), JSON.stringify({ admin: kept }))
  for (let starts = 0; starts < 2; starts += 1) {
    const pins = new RefusedPins(folder, { fingerprint }, patientClock)
    await expect(pins.logIn('admin', '31415', async () => 'in')).rejects.toThrow(
      '2 tries are left: the same PIN is not',
    )
    expect((await keptIn(folder)).admin.print).toHaveLength(64)
  }
  expect(await new RefusedPins(folder, { fingerprint }, patientClock).logIn('admin', '27182', async () => 'in')).toBe(
    'in',
  )
})
