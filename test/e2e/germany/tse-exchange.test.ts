// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Task } from '../../../agent/laws/duty.ts'
import { rowsOf } from '../../../verify/dsfinvk/rows.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { certifyFolder } from '../../certified-unit.ts'
import type { VendorTse } from '../../contracts/vendor-tses.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { patientClock } from '../../patient-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { signed } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { closeExpected } from '../shift.ts'

const FACTS = {
  ...{ kind: 'pc', maker: 'Acme', model: 'Typ 100', software: 'Acme POS', software_version: '4.2' },
  acquired_on: '2026-09-28',
}

/** A TSE of a maker, certified by an authority that is not ours. */
async function certifiedTse(folder: string): Promise<VendorTse> {
  const vendor = await vendorTses['tse-cryptovision']?.open(folder, 0)
  if (vendor === undefined) throw new Error('no such family')
  await certifyFolder(join(folder, 'a'))
  return vendor
}

/** A shop with the old and the new unit. */
function withTwoUnits(work: (bench: Bench) => Promise<void>): Promise<void> {
  return inDirectory((one) =>
    inDirectory(async (two) => {
      const vendors = [await certifiedTse(one), await certifiedTse(two)]
      const devices = vendors.map(({ device }, index) => ({
        ...{ ...device, id: `tse-${index + 1}` },
        inventory: { bsiId: `041${index}-2020`, kind: 'usb' },
        // Threads read its files, which a busy machine delays.
        timeouts: { replyMs: 20_000, longMs: 120_000 },
      }))
      try {
        await using bench = await Bench.open({ clock: patientClock, config: { devices, deadlineMs: 20_000 } })
        await work(bench)
      } finally {
        for (const vendor of vendors) await vendor.close()
      }
    }),
  )
}

async function sells({ id, till }: Register): Promise<string> {
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  return signed(await till.complete(open, [pay('cash', '1.00')])).tss_serial_number
}

async function registerOn(bench: Bench, device: string): Promise<Register> {
  const { locationId } = await bench.shop()
  const body = { location_id: locationId, name: 'K', fiscal_device: device, inventory: FACTS }
  const id = String((await bench.office.post('/v1/registers', body))['id'])
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  return { id, clientId, key, till: bench.client({ 'X-Register-Api-Key': key }) }
}

async function tasksOf(bench: Bench, prefix: string): Promise<readonly Task[]> {
  const tasks = (await bench.agent.administration.listTasks()) as unknown as readonly Task[]
  return tasks.filter(({ id }) => id.startsWith(prefix))
}

/** Serial numbers in tse.csv of a package that verifies. */
function unitsInPackage(bench: Bench): Promise<string[]> {
  return inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, findings: [] })
    const serials: string[] = []
    for await (const row of rowsOf(file, 'tse')) serials.push(String(row['TSE_SERIAL']))
    return serials
  })
}

test('a TSE is exchanged by the list: archived, retired, both units in one Z, and a notice after it', () =>
  withTwoUnits(async (bench) => {
    const { administration } = bench.agent
    await administration.deviceAct('tse-1', 'init')
    await bench.until(() => bench.agent.application.devices()[0]?.['state'] === 'ready')
    const register = await registerOn(bench, 'tse-1')
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
    const old = await sells(register)
    const [first] = await tasksOf(bench, 'elster-146a-')
    await administration.confirmTask(first?.id ?? '')
    expect(await tasksOf(bench, 'elster-146a-')).toEqual([])

    await administration.deviceAct('tse-1', { act: 'archive', deletes: false })
    // The session continues, so that the archive does not have its last logs.
    expect(await sells(register)).toBe(old)
    await administration.deviceAct('tse-2', 'init')
    await bench.until(() => bench.agent.application.devices()[1]?.['state'] === 'ready')
    await administration.retireTse('tse-1', 'certificate ends', 'tse-2')
    await bench.until(async () => (await tasksOf(bench, `tse-archive-${old}`)).length === 1)
    await administration.deviceAct('tse-1', { act: 'archive', deletes: false })
    expect(await tasksOf(bench, 'tse-archive-')).toEqual([])
    expect((await verifyArchive(await bench.exported('tse_tar', { register_id: register.id }))).findings).toEqual([])

    const replaced = await sells(register)
    expect(replaced).not.toBe(old)
    await closeExpected(register)
    expect(await unitsInPackage(bench)).toEqual([old, replaced])

    const [second] = await tasksOf(bench, 'elster-146a-')
    expect(second?.instructions.join('\n')).toContain(`SeriennummerTSE: ${old} → ${replaced}`)
    const { notices } = await administration.notices(undefined, false)
    expect(notices).toMatchObject([{ duty_id: second?.id, systems: 1 }])
    expect(notices[0]?.xml).toMatch(new RegExp(`<SeriennummerTSE>${replaced}<.*<BSIID>0411-2020<`))
    expect(notices[0]?.xml).not.toContain(old)
    expect(notices[0]?.sheet).toMatch(new RegExp(`Earlier TSE, not in the file: ${old}, from .* until `))
    await administration.confirmTask(second?.id ?? '')
    expect(await tasksOf(bench, 'elster-146a-')).toEqual([])

    const listed = async () =>
      ((await bench.agent.administration.listDuties()) as unknown as readonly Task[]).filter(({ id }) =>
        id.startsWith('elster-'),
      )
    const before = await listed()
    expect(before.map(({ id }) => id).toSorted()).toEqual([first?.id, second?.id].toSorted())
    await bench.restart()
    expect(await listed()).toEqual(before)
  }))
