import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy } from '../tags.ts'
import { execFileSync } from '../waits.ts'
import { fiskalEdge, ownConfig } from './command.ts'

const FACTS = {
  ...{ kind: 'pc', maker: 'Müller & Söhne', model: 'Typ 100', software: 'Acme POS', software_version: '4.2' },
  acquired_on: '2026-09-28',
}
const INVENTORY = { bsiId: 'BSI-K-TR-0412-2020', kind: 'usb' }
const DEVICES = [{ id: 'tse-1', driver: 'tse-simulator', inventory: INVENTORY }]

type Shop = { bench: Bench; locationId: string; registerId: string; folder: string }

/** A shop on a simulated unit, and a folder with its configuration. */
async function inShop(work: (shop: Shop) => Promise<void>): Promise<void> {
  await using bench = await Bench.open({ config: { devices: DEVICES } })
  const { locationId } = await bench.shop()
  const { id: registerId } = await bench.register(locationId)
  await inDirectory(async (folder) => {
    const config = { version: 1, state: bench.config.state, listen: { port: 0 }, devices: DEVICES }
    await writeFile(join(folder, 'agent.json'), JSON.stringify(config))
    await work({ bench, locationId, registerId, folder })
  })
}

function exported(folder: string, ...words: readonly string[]) {
  const out = join(folder, 'out')
  return fiskalEdge('export', 'elster', '--out', out, ...words, '--config', join(folder, 'agent.json'))
}

test(
  'export elster --trial writes file and sheet of a simulated shop whole, and lists what is missing before',
  heavy(),
  () =>
    inShop(async ({ bench, locationId, registerId, folder }) => {
      const { code, out } = await exported(folder, '--trial', '--json')
      const missing = [['kind'], ['software'], ['software_version'], ['maker'], ['model'], ['acquired_on']].flat()
      const how = (field: string) => `PATCH /v1/registers/${registerId}: inventory.${field}`
      const listed = missing.map((field) => ({
        location_id: locationId,
        register_id: registerId,
        field,
        how: how(field),
      }))
      expect([code, JSON.parse(out)]).toEqual([1, { written: [], missing: listed }])
      await bench.office.patch(`/v1/registers/${registerId}`, { inventory: FACTS })
      const done = await exported(folder, '--trial', '--json')
      expect(done.err).toBe('')
      const { written } = JSON.parse(done.out) as { written: { xml: string; sheet: string; sha256: string }[] }
      const name = `TRIAL-${locationId}`
      expect(written).toMatchObject([{ location_id: locationId, systems: 1, duty_id: null }])
      expect((await readdir(join(folder, 'out'))).toSorted()).toEqual([`${name}.txt`, `${name}.xml`])
      const xml = await readFile(written[0]?.xml ?? '', 'utf8')
      expect(xml).toContain('<Hersteller>Müller &amp; Söhne</Hersteller>')
      expect(xml).toContain('<BSIID>0412-2020</BSIID><ArtTSE>2</ArtTSE>')
      expect(await readFile(written[0]?.sheet ?? '', 'utf8')).toMatch(/TRIAL.*\n(.*\n)*.*Zertifizierungs-ID/)
      // A simulated unit is not reported.
      expect(await exported(folder)).toMatchObject({ code: 0, out: expect.stringContaining('No location has a till') })
    }),
)

test('export elster --with joins the tills of another agent, and refuses files that do not fit', heavy(), () =>
  inShop(async ({ bench, locationId, registerId, folder }) => {
    await bench.office.patch(`/v1/registers/${registerId}`, { inventory: FACTS })
    const place = ['--trial', '--location', locationId]
    await exported(folder, ...place)
    const own = await readFile(join(folder, 'out', `TRIAL-${locationId}.xml`), 'utf8')
    const others = join(folder, 'others')
    await mkdir(others)
    const file = async (name: string, content: string): Promise<string> => {
      await writeFile(join(others, name), content)
      return join(others, name)
    }
    const fits = await file('other.xml', own.replace(/<SeriennummerAS>[^<]*/, '<SeriennummerAS>A-1'))
    const joined = await exported(folder, ...place, '--with', fits, '--json')
    expect(JSON.parse(joined.out)).toMatchObject({ written: [{ systems: 2 }] })
    const text = await readFile(join(folder, 'out', `TRIAL-${locationId}.txt`), 'utf8')
    expect(text).toContain('From other.xml: A-1')
    expect(text).toContain('  Anzahl der eAs: 2\n')
    const trial = await file('TRIAL-x.xml', own)
    const refusals: [string[], RegExp][] = [
      [['--with', fits], /name it with --location/],
      [[...place, '--with', await file('same.xml', own)], /same\.xml: the system .* is in this agent already/],
      [[...place, '--with', await file('form.xml', '<a/>')], /form\.xml: another form/],
      [[...place, '--with', await file('large.xml', ' '.repeat((1 << 20) + 1))], /larger than 1 MiB/],
      [['--location', locationId, '--with', trial], /is a trial/],
      [['--location', 'loc_none'], /loc_none/],
    ]
    for (const [words, message] of refusals) {
      const { code, err } = await exported(folder, ...words)
      expect(code, err).not.toBe(0)
      expect(err).toMatch(message)
    }
    // A refused command has changed nothing.
    expect(await readFile(join(folder, 'out', `TRIAL-${locationId}.txt`), 'utf8')).toBe(text)
  }),
)

test('export elster --with stops reading a pipe after 1 MiB', async () => {
  const config = ownConfig()
  const pipe = join(dirname(config), 'other.xml')
  execFileSync('mkfifo', [pipe])
  const out = join(dirname(config), 'out')
  const place = ['--location', 'loc_1', '--with', pipe]
  const exporting = fiskalEdge('export', 'elster', '--out', out, ...place, '--config', config)
  await expect(writeFile(pipe, ' '.repeat(2 << 20))).rejects.toMatchObject({ code: 'EPIPE' })
  expect(await exporting).toMatchObject({ code: 1, err: expect.stringContaining('larger than 1 MiB') })
})
