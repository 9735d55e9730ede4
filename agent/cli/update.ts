import { Command } from 'commander'
import { isAtLeast } from '../../base/version.ts'
import { readConfig } from '../agent-config.ts'
import { announcedState, wasBegun } from '../journal/announced-version.ts'
import type { Common } from './arguments/options.ts'
import { configOption, UsageError, yesOption } from './arguments/options.ts'
import { ServiceError } from './service/host.ts'
import { confirm } from './terminal/confirmation.ts'
import { print, styled } from './terminal/output.ts'
import { refusalsOf } from './update/asked.ts'
import { backUpBefore } from './update/backup-before.ts'
import { demandFreeDpkg, install } from './update/dpkg.ts'
import type { Package } from './update/packages.ts'
import { demandWhole, installedPackage, keep, keptPackages, packageOf } from './update/packages.ts'
import { isWaitedFor, untilReady } from './update/until-ready.ts'

type Options = Common & { back?: boolean; yes?: boolean }

// Loads everything before the package manager replaces the files of this program: nothing is imported later.
export function updateCommand(): Command {
  return new Command('update')
    .description('install another version of the package, and the former one again if it does not become ready (root)')
    .argument('[file]', 'the package; with --back the one that was kept, unless named')
    .option('--back', 'to the version before')
    .addOption(configOption())
    .addOption(yesOption())
    .action((file: string | undefined, options: Options) => update(file, options))
}

async function update(
  file: string | undefined,
  { back = false, yes = false, config: configFile }: Options,
): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new ServiceError('permission_denied', 'A package is installed by root: repeat with sudo.')
  const { version: installed, isHalf } = installedPackage()
  const given = file === undefined ? packageBefore(installed, back) : packageOf(file)
  demandWhole(given)
  demandFreeDpkg()
  if (isHalf) print(`${styled('yellow', '!')} the package is half installed: this finishes it`)
  const { config } = readConfig(configFile)
  const { state } = config
  const { minSafeVersion: oldestSafe } = announcedState(state)
  if (wasBegun(state) && !isAtLeast(given.version, oldestSafe))
    throw new ServiceError(
      'journal_too_new',
      `The journal can be opened by fiskal-edge ${oldestSafe} or newer, and this is ${given.version}. Nothing was changed; the shop sells on.`,
    )
  const why = yes ? undefined : whyFinal(installed, given)
  if (why !== undefined) await confirm(why, given.version)
  askPackage(given, configFile, yes)
  const { kept, before } = keep(given, installed)
  if (before === undefined && installed !== given.version)
    print(
      `${styled('yellow', '!')} the package of ${installed} is not kept: the way back needs it (update --back FILE)`,
    )
  backUpBefore(config, configFile, given.version)
  const isWaited = isWaitedFor()
  demandFreeDpkg()
  const fault = installing(kept, isWaited) ?? (isWaited ? await untilReady(state, given.version) : undefined)
  if (fault !== undefined) await goBack(before, state, given, fault)
  print(`${styled('green', '✔')} fiskal-edge ${given.version} is installed${isWaited ? ' and sells' : ''}`)
}

/** Undefined if this command goes back if the new version does not become ready. */
function whyFinal(installed: string, { version, minSafeVersion }: Package): string | undefined {
  if (!isAtLeast(installed, minSafeVersion))
    return `There is no way back from ${version}: after it the journal can be opened by ${minSafeVersion} or newer, and ${installed} is installed.`
  if (installed === version || keptPackages().some((kept) => kept.version === installed)) return undefined
  return `The package of ${installed} is not kept here: if ${version} does not become ready, the shop cannot sell until somebody brings that file (update --back FILE).`
}

/** Before anything stops. A configuration or an open act that the given version does not know would close the shop. */
function askPackage(given: Package, configFile: string | undefined, yes: boolean): void {
  const refusals = configFile === undefined ? [] : refusalsOf(given, configFile)
  for (const line of refusals) print(`  ${line}`)
  if (refusals.length === 0 || yes) return
  throw new ServiceError(
    'update_refused',
    `fiskal-edge ${given.version} cannot take over here (above): correct agent.json, or end these operations first; --yes installs it anyway. Nothing was changed; the shop sells on.`,
  )
}

function packageBefore(installed: string, back: boolean): Package {
  if (!back) throw new UsageError('Name the package: fiskal-edge update FILE.deb')
  const keptPackage = keptPackages().find(({ version }) => version !== installed)
  if (keptPackage !== undefined) return keptPackage
  throw new ServiceError(
    'update_no_package',
    'No other package is kept here: name it (fiskal-edge update --back FILE.deb). Nothing was changed.',
  )
}

/** Why the package is half installed and the shop does not sell; undefined if it is installed. Else throws. */
function installing(given: Package, isWaited: boolean): string | undefined {
  print(`  installs ${given.version} …`)
  try {
    install(given)
    return undefined
  } catch (error) {
    if (!(error instanceof ServiceError) || !isWaited || !installedPackage().isHalf) throw error
    return error.message
  }
}

async function goBack(before: Package | undefined, state: string, { version }: Package, why: string): Promise<never> {
  if (before === undefined)
    throw new ServiceError(
      'update_not_ready',
      `fiskal-edge ${version} is installed and does not become ready: ${why}. The version before is not kept: journalctl -u fiskal-edge -n 50.`,
    )
  print(`${styled('red', '✖')} ${version} does not become ready: ${why}`)
  print(`  installs ${before.version} …`)
  install(before)
  const still = await untilReady(state, before.version)
  throw new ServiceError(
    'update_undone',
    still === undefined
      ? `fiskal-edge ${version} did not become ready (${why}): ${before.version} is installed again and sells.`
      : `fiskal-edge ${version} did not become ready (${why}), and ${before.version}, which is installed again, does not either (${still}): fiskal-edge doctor.`,
  )
}
