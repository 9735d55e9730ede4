import { Command } from 'commander'
import type { KeptBackup, Pruned } from '../../../receiver/backups.ts'
import type { Common } from '../arguments/options.ts'
import { count, jsonOption } from '../arguments/options.ts'
import { inSnakeCase, print, printJson, printTable } from '../terminal/output.ts'
import { receiverConfigOption, withStore } from './store.ts'

const LISTED_MOST = 100

export function backupsCommand(): Command {
  return new Command('backup')
    .description('the backups that agents have brought')
    .addCommand(listCommand())
    .addCommand(pruneCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('those of one agent, the newest first; a lost machine is restored from one that is whole')
    .argument('<agent>', 'agent id')
    .addOption(receiverConfigOption())
    .addOption(jsonOption())
    .action(async (agentId: string, options: Common) => {
      const { backupsOf } = await import('../../../receiver/backups.ts')
      const newest = await withStore(options, (store) => backupsOf(store.blobs, agentId, LISTED_MOST))
      const backups = newest.filter(({ manifest }) => manifest !== undefined).map(listing)
      if (options.json) return printJson(backups)
      printTable(
        ['MADE', 'STATE', 'EPOCH', 'EVENTS TO', 'BYTES', 'KEYS', 'SHA-256'],
        backups.map(({ created_at, state, epoch, seq, bytes, secrets, sha256 }) => [
          created_at,
          state,
          String(epoch),
          String(seq),
          String(bytes),
          secrets ? 'sealed' : 'none',
          sha256.slice(0, 16),
        ]),
      )
    })
}

function listing({ reference: { sha256, epoch }, manifest, missing }: KeptBackup) {
  const { createdAt = '', seq = 0, bytes = 0, secrets = false } = manifest ?? {}
  return { sha256, created_at: createdAt, state: missing === 0 ? 'whole' : 'incomplete', epoch, seq, bytes, secrets }
}

function pruneCommand(): Command {
  return new Command('prune')
    .description('remove all but the newest whole backups of each agent; parts that a newer one has stay')
    .requiredOption('--keep <count>', 'how many whole backups of each agent stay', count)
    .option('--agent <id>', 'of this agent alone')
    .addOption(receiverConfigOption())
    .addOption(jsonOption())
    .action(async (options: Common & { keep: number; agent?: string }) => {
      const { pruneBackups } = await import('../../../receiver/backups.ts')
      const pruned: Pruned[] = []
      await withStore(options, async ({ blobs }) => {
        const agents = options.agent === undefined ? await blobs.agents() : [options.agent]
        for (const agentId of agents) pruned.push(await pruneBackups(blobs, agentId, options.keep))
      })
      if (options.json) return printJson(inSnakeCase(pruned))
      for (const { agentId, backups, blobs } of pruned) print(`${agentId}: ${backups} backups, ${blobs} blobs removed`)
    })
}
