import { Command } from 'commander'
import { rfc3339 } from '../../../base/clock.ts'
import { CodedError } from '../../../base/thrown.ts'
import type { Identity, IssuedToken, Store } from '../../../receiver/store.ts'
import { ONE_TENANT } from '../../config/receiver.ts'
import type { Common } from '../arguments/options.ts'
import { jsonOption, uuid } from '../arguments/options.ts'
import { print, printed, printJson, printTable, styled } from '../terminal/output.ts'
import { receiverConfigOption, withStore } from './store.ts'

const TOKENS_MOST = 10_000

type TokenOptions = Common & { tenant: string }

export function tokenCommand(): Command {
  const agent = new Command('agent')
    .description('for one agent: brings its own journals; announces which tenant the agent belongs to')
    .argument('<agent>', 'agent id, as `fiskal-edge doctor` of the shop shows it', uuid)
  const office = new Command('office').description('for a head office: reads the journals of its shops')
  for (const command of [agent, office]) {
    command
      .option('--tenant <id>', 'the tenant of the shops', uuid, ONE_TENANT)
      .addOption(receiverConfigOption())
      .addOption(jsonOption())
  }
  agent.action((agentId: string, options: TokenOptions) =>
    issue(options, { kind: 'agent', tenantId: options.tenant, agentId }),
  )
  office.action((options: TokenOptions) => issue(options, { kind: 'office', tenantId: options.tenant }))
  return new Command('token')
    .description('tokens of the receiver; two may be valid while one is exchanged')
    .addCommand(agent)
    .addCommand(office)
    .addCommand(listCommand())
    .addCommand(revokeCommand())
}

async function issue(options: TokenOptions, identity: Identity): Promise<void> {
  const { issueToken } = await import('../../../receiver/tokens.ts')
  const { id, token } = await withStore(options, (store) => issueToken(store, identity))
  if (options.json) printJson({ id, kind: identity.kind, token })
  else {
    print(`${styled('dim', 'id   ')}  ${id}`)
    print(`${styled('dim', 'token')}  ${styled('bold', token)}`)
    print('It is shown this once: only its hash is kept.')
  }
  await printed()
}

function listCommand(): Command {
  return new Command('list')
    .description('all tokens, without their secrets: the old one of two may go when the new one is used')
    .addOption(receiverConfigOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const tokens = (await withStore(options, (store) => store.tokens(TOKENS_MOST))).map(listing)
      if (options.json) return printJson(tokens)
      printTable(
        ['ID', 'KIND', 'AGENT', 'LAST USED', 'REVOKED'],
        tokens.map((token) => [
          token.id,
          token.kind,
          token.agent_id ?? '-',
          token.used_at ?? 'never',
          token.revoked ? 'yes' : '-',
        ]),
      )
    })
}

/** `used_at` is exact to the hour. */
function listing({ id, identity, revoked, usedAtMs }: IssuedToken) {
  return {
    id,
    kind: identity.kind,
    tenant_id: identity.tenantId,
    agent_id: identity.kind === 'agent' ? identity.agentId : null,
    used_at: usedAtMs === undefined ? null : rfc3339(usedAtMs),
    revoked,
  }
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('make a token invalid at once')
    .argument('<id>', 'id of the token, not the token itself')
    .addOption(receiverConfigOption())
    .addOption(jsonOption())
    .action(async (id: string, options: Common) => {
      if (!(await withStore(options, (store: Store) => store.revokeToken(id)))) {
        throw new CodedError('not_found', `There is no token ${id}: "receiver token list" shows them.`)
      }
      if (options.json) printJson({ id, revoked: true })
      else print(`${id} is revoked.`)
    })
}
