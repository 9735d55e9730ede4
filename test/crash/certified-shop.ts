import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ListedDuty } from '../../agent/till/reading/listed-duties.ts'
import { systemClock } from '../../base/clock.ts'
import { CryptovisionSimulator } from '../../drivers/tse-cryptovision/simulator.ts'
import { certifyFolder } from '../certified-unit.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from '../e2e/bench.ts'
import { Client } from '../e2e/client.ts'
import type { Armed, Daemon, Place } from './daemon.ts'
import { administer, DEVICE, ownPlace, platformKey, runArmed, UNARMED } from './daemon.ts'

const FACTS = {
  ...{ kind: 'pc', maker: 'Müller & Söhne', model: 'Typ 100', software: 'Acme POS', software_version: '4.2' },
  acquired_on: '2026-09-28',
}
/** A German shop with a TSE that counts as certified, which stays when its agent is killed. */
export type CertifiedShop = {
  readonly place: Place
  readonly locationId: string
  readonly registerIds: readonly string[]
  /** The agent of this life; the one before must have ended. */
  live(armed?: Armed): Daemon
  /** The office at the agent of this life. */
  readonly office: Client
  kill(): Promise<void>
}

export async function certifiedShop(tills = 1): Promise<CertifiedShop> {
  const place = ownPlace()
  const unit = join(place.folder, 'unit')
  const mount = join(place.folder, 'media')
  await certifyFolder(unit)
  const simulator = new CryptovisionSimulator({ directory: unit, mount, clock: systemClock })
  await simulator.plugIn()
  let daemon: Daemon | undefined
  let url = ''
  const kill = async (): Promise<void> => {
    daemon?.child.kill('SIGKILL')
    await daemon?.ended
  }
  onTestFinished(async () => {
    await kill()
    await simulator.pullOut()
    rmSync(place.folder, { recursive: true, force: true })
  })
  const device = { id: DEVICE, driver: 'tse-cryptovision', path: mount, inventory: { bsiId: '0412-2020', kind: 'sd' } }
  writeFileSync(place.config, JSON.stringify({ version: 1, state: 'state', listen: { port: 0 }, devices: [device] }))
  const live = (armed: Armed = UNARMED): Daemon => {
    const born = runArmed(place.config, armed)
    void born.ready.then((address) => {
      url = address ?? url
    })
    daemon = born
    return born
  }
  const first = live()
  if ((await first.ready) === undefined) throw new Error((await first.ended).errors)
  await administer(place.state, 'deviceAct', DEVICE, 'init')
  const office = new Client(() => url, { Authorization: `Bearer ${await platformKey(place.state)}` })
  await office.post('/v1/merchants', GERMAN_MERCHANT)
  const locationId = String((await office.post('/v1/locations', GERMAN_LOCATION))['id'])
  const registerIds: string[] = []
  for (let till = 0; till < tills; till += 1) {
    const body = { location_id: locationId, name: `Kasse ${till + 1}`, fiscal_device: DEVICE, inventory: FACTS }
    const id = String((await office.post('/v1/registers', body))['id'])
    await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    registerIds.push(id)
  }
  return { place, locationId, registerIds, live, office, kill }
}

/** The notices to the tax office, confirmed or due. */
export async function notices({ place }: CertifiedShop): Promise<readonly ListedDuty[]> {
  const duties = (await administer(place.state, 'listDuties')) as unknown as readonly ListedDuty[]
  return duties.filter(({ id }) => id.startsWith('elster-146a-'))
}
