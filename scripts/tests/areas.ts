/**
 * Which heavy tests a change needs, and what `npm run test:long AREA` runs. `sources`: files and folders of the product
 * and its scripts; `tests`: folders of `test/`. A heavy test is in at least one area.
 */
type Area = { readonly sources: readonly string[]; readonly tests: readonly string[] }

export const AREAS = {
  kills: {
    sources: ['agent/compose.ts', 'agent/journal', 'agent/process', 'agent/till/recording', 'agent/wiring', 'base'],
    tests: ['test/crash', 'test/journal', 'test/process', 'test/child'],
  },
  simulation: {
    sources: ['agent/journal', 'agent/register', 'agent/till', 'drivers/ports'],
    tests: ['test/simulation', 'test/till'],
  },
  proof: {
    sources: ['agent/cli/audit', 'agent/cli/verify', 'agent/journal/books', 'agent/proof', 'verify'],
    tests: ['test/attacks', 'test/proof', 'test/verify'],
  },
  backup: {
    sources: ['agent/backup', 'agent/cli/backup.ts', 'agent/cli/restore', 'agent/cli/restore.ts'],
    tests: ['test/backup'],
  },
  germany: {
    sources: ['agent/laws/germany', 'drivers/se-api', 'drivers/tr03151', 'drivers/tse-'],
    tests: ['test/drivers', 'test/e2e/germany', 'test/laws/germany'],
  },
  austria: {
    sources: ['agent/laws/austria', 'drivers/card-', 'drivers/finanzonline', 'drivers/native'],
    tests: ['test/drivers', 'test/e2e/austria', 'test/laws/austria'],
  },
  italy: {
    sources: ['agent/laws/italy', 'drivers/rt', 'drivers/rt-'],
    tests: ['test/drivers', 'test/e2e/italy', 'test/laws/italy'],
  },
  devices: {
    sources: ['agent/devices', 'drivers'],
    tests: ['test/contracts', 'test/devices', 'test/drivers', 'test/recorded'],
  },
  api: {
    sources: [
      'agent/contract',
      'agent/errors.ts',
      'agent/http',
      'agent/laws',
      'agent/receipts',
      'agent/register',
      'agent/till',
      'agent/tls',
      'base',
      'clients',
    ],
    tests: [
      'test/cli/conformance',
      'test/clients',
      'test/contract',
      'test/e2e',
      'test/http',
      'test/laws/ruritania',
      'test/public',
      'test/receipts',
      'test/tls',
    ],
  },
  commands: {
    sources: [
      'agent/agent-config.ts',
      'agent/cli',
      'agent/config',
      'agent/failure.ts',
      'agent/state',
      'agent/watch',
      'alerts',
      'bin',
    ],
    tests: [
      'test/alerts',
      'test/base',
      'test/cli',
      'test/config',
      'test/repository',
      'test/state',
      'test/connection-limits.test.ts',
      'test/durable-file.test.ts',
      'test/transient-map.test.ts',
    ],
  },
  page: { sources: ['agent/http/page', 'agent/texts'], tests: ['test/page'] },
  sync: {
    sources: ['agent/sync', 'receiver', 'sync'],
    tests: ['test/e2e/sync', 'test/receiver', 'test/sync'],
  },
  machines: {
    sources: ['agent/cli/service', 'agent/main.ts', 'bin', 'package-lock.json', 'scripts/package', 'systemd'],
    tests: ['test/package', 'test/systemd'],
  },
  releases: {
    sources: ['agent/contract', 'agent/journal', 'agent/laws', 'agent/till', 'scripts/releases'],
    tests: ['test/releases'],
  },
} as const satisfies Readonly<Record<string, Area>>

export type AreaName = keyof typeof AREAS

const ROWS: readonly (readonly [AreaName, Area])[] = Object.entries(AREAS) as [AreaName, Area][]

export function isArea(name: string): name is AreaName {
  return Object.hasOwn(AREAS, name)
}

/** Below that folder, or with a name that begins so if it ends with a hyphen. */
function isIn(file: string, place: string): boolean {
  return file === place || file.startsWith(place.endsWith('-') ? place : `${place}/`)
}

export function isTestOf(area: AreaName, file: string): boolean {
  return AREAS[area].tests.some((folder) => isIn(file, folder))
}

/** The areas whose product code, or shared code of tests, is among these files. */
export function areasOf(changed: readonly string[]): AreaName[] {
  const shared = changed.filter((file) => !file.endsWith('.test.ts'))
  return ROWS.filter(([, { sources, tests }]) =>
    shared.some((file) => [...sources, ...tests].some((place) => isIn(file, place))),
  ).map(([name]) => name)
}
