import { Command } from 'commander'
import { rfc3339 } from '../../../base/clock.ts'
import { CodedError } from '../../../base/thrown.ts'
import type { OwnedAgent, RefusedCount } from '../../../receiver/owner-store.ts'
import type { Common } from '../arguments/options.ts'
import { jsonOption, reasonOption, uuid } from '../arguments/options.ts'
import { print, printJson, printTable } from '../terminal/output.ts'
import { receiverConfigOption, withStore } from './store.ts'

const PORTION = 1000

export function agentCommand(): Command {
  return new Command('agent')
    .description('which tenant each agent belongs to')
    .addCommand(listCommand())
    .addCommand(moveCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('all agents, their tenants, and how many messages of other tenants were refused')
    .addOption(receiverConfigOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const agents: OwnedAgent[] = []
      const refused = await withStore(options, async ({ owners }) => {
        for (let after: string | undefined; ; ) {
          const portion = await owners.list(PORTION, after)
          agents.push(...portion)
          after = portion.at(-1)?.agentId
          if (after === undefined) return owners.refusedCounts()
        }
      })
      const listed = agents.map((agent) => listing(agent, refused))
      if (options.json) return printJson(listed)
      printTable(
        ['AGENT', 'TENANT', 'SINCE', 'BY', 'REFUSED'],
        listed.map(({ agent_id, tenant_id, since, by, refused: count }) => [
          agent_id,
          tenant_id,
          since,
          by,
          count === 0 ? '-' : String(count),
        ]),
      )
    })
}

function listing({ agentId, tenantId, sinceMs, by }: OwnedAgent, refused: readonly RefusedCount[]) {
  const own = refused.filter((one) => one.agentId === agentId)
  return {
    agent_id: agentId,
    tenant_id: tenantId,
    since: rfc3339(sinceMs),
    by,
    refused: own.reduce((sum, { count }) => sum + count, 0),
  }
}

function moveCommand(): Command {
  return new Command('move')
    .description('move an agent to another tenant; the former tenant loses its tokens for it')
    .argument('<agent>', 'agent id', uuid)
    .requiredOption('--tenant <id>', 'the tenant that the agent belongs to from now on', uuid)
    .addOption(reasonOption('why; it is kept', 500))
    .addOption(receiverConfigOption())
    .addOption(jsonOption())
    .action(async (agentId: string, options: Common & { tenant: string; reason: string }) => {
      const { tenant, reason } = options
      const former = await withStore(options, ({ owners }) => owners.move(agentId, tenant, reason))
      if (former === undefined) {
        throw new CodedError('not_found', `There is no agent ${agentId}: "receiver agent list" shows them.`)
      }
      if (options.json) printJson({ agent_id: agentId, from_tenant: former, to_tenant: tenant })
      else print(`Agent ${agentId} moved from tenant ${former} to ${tenant}. Issue a new token for it.`)
    })
}
