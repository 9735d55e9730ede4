import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { tarEntry } from '../../../drivers/tr03151/tar.ts'
import { CryptovisionTse } from '../../../drivers/tse-cryptovision/driver.ts'
import { collect, listed } from '../../contracts/tse-checks.ts'
import { PlayedCard } from './played-card.ts'

const secrets: DeviceSecrets = { read: async () => '22222222', provide: async () => '22222222' }

function u16(value: number): string {
  return value.toString(16).padStart(4, '0')
}

function answer(data: string): string {
  return `00000000 ${u16(data.length / 2)} ${data}`
}

function bytes(value: string): string {
  return answer(`${u16(value.length / 2 + 3)}02${u16(value.length / 2)}${value}`)
}

function archive(tar: Uint8Array): string {
  return answer(`9000${tar.length.toString(16).padStart(16, '0')}${Buffer.from(tar).toString('hex')}`)
}
const SERIALS = `302430220420${'ab'.repeat(32)}`
const NAME = 'Unixt_1589712808_Sig-2_Log-Aud.log'

/** A card whose counter has that value, with one log, number 2. */
async function inserted(counter: number): Promise<CryptovisionTse> {
  const mount = await mkdtemp(join(tmpdir(), 'cv-'))
  const card = await PlayedCard.insert(mount, (data, mode) => {
    if (mode !== 0 || data === 'c4') return [answer('')]
    const isMore = data.startsWith('5c540016')
    // The counter after which logs are wanted.
    if (isMore && data.includes('02000400000002')) return [answer('8015')]
    if (isMore) return [archive(tarEntry(NAME, Buffer.from('x'), 1))]
    if (data.startsWith('5c540008')) return [bytes(SERIALS)]
    if (data.startsWith('5c540018')) return [bytes(counter.toString(16).padStart(8, '0'))]
    return [answer('001c0400063436323037360200100103d047f5001b8559efc7f5aaf54c67')]
  })
  const tse = new CryptovisionTse({ id: 'tse-1', path: mount, secrets, clock: systemClock })
  onTestFinished(async () => {
    await tse.close()
    await card.remove()
    await rm(mount, { recursive: true })
  })
  await tse.open()
  return tse
}

test('a signature that failed last took its counter along: the archive is whole without it', async () => {
  const tse = await inserted(4)
  expect(await listed(await collect(tse, {}))).toEqual([NAME])
})

test('if nothing was signed since, the next archive is empty', async () => {
  const tse = await inserted(4)
  expect(await collect(tse, { afterCounter: 2 })).toEqual(Buffer.alloc(1024))
})
