import { spawn } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageVersion } from '../../base/version.ts'
import { FOLDERS } from '../../scripts/package/contents.ts'
import type { Daemon, Ran } from '../cli/command.ts'
import { ROOT, removedLater, startDaemon } from '../cli/command.ts'
import { onLastingDisk } from '../lasting-disk.ts'
import { rewrite } from '../package/build.ts'
import { once } from '../waits.ts'

/** A tree of this program, or of a later one. */
export type Program = { readonly root: string; readonly version: string }

export const THIS: Program = { root: ROOT, version: packageVersion() }
export const LATER_VERSION = '9.1.0'

/** A type of line that this program does not know. */
export const LATER_LINE = 'levy_charge'
export const LATER_REASON = 'goods_unavailable'

/** Words in the note of an operation by which the later program does what this one does not know. */
export const PLANTED = {
  act: 'an act of a later version',
  actMember: 'an act with a later member',
  member: 'a later member',
  mark: 'a later mark',
  print: 'a later print',
  hangs: 'no outcome',
} as const

/**
 * A copy of this program as a later version: the type `swap` for exchange, the type of line `levy_charge` for a service
 * charge, the reason `goods_unavailable` for a failed payment, the kind `till_opening` for drawer openings, the event `operation.goods_changed` for amendments, and by a note
 * acts, members, marks and prints of keys. Its acts with
 * the note {@link PLANTED.hangs} never end.
 */
export function laterProgram(oldestSafe?: string): Program {
  const root = removedLater(mkdtempSync(join(tmpdir(), 'later-')))
  for (const part of [...FOLDERS, 'bin', 'systemd', 'package.json'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  rewrite(join(root, 'package.json'), `"version": "${THIS.version}"`, `"version": "${LATER_VERSION}"`)
  for (const name of globSync('agent/**/*.ts', { cwd: root })) {
    const file = join(root, name)
    const text = readFileSync(file, 'utf8')
    const planted = text
      .replaceAll("'exchange'", "'swap'")
      .replaceAll(/^( +)exchange: (?=true|sold|EVERY_LAW|\{)/gm, '$1swap: ')
      .replaceAll("'drawer_opening'", "'till_opening'")
      .replaceAll(/^( +)drawer_opening: (?=true|numbered)/gm, '$1till_opening: ')
      .replaceAll(/(act|asked)\??\.name (!==|===) 'print'/g, "String($1?.name).replace('_later', '') $2 'print'")
      .replaceAll("'operation.amended'", "'operation.goods_changed'")
      .replaceAll('service_charge', LATER_LINE)
      .replaceAll(/payment_failed(?=[':])/g, LATER_REASON)
    if (planted !== text) writeFileSync(file, planted)
  }
  plantActs(root)
  plantMembers(root)
  if (oldestSafe !== undefined)
    rewrite(join(root, 'base/version.ts'), /(?<=OLDEST_SAFE_VERSION: ProgramVersion = ')[^']+/, oldestSafe)
  return { root, version: LATER_VERSION }
}

/** While this file exists, acts with that note never end. */
export function hanging(root: string): string {
  return join(root, 'hanging')
}

function plantActs(root: string): void {
  writeFileSync(hanging(root), '')
  const workflow = join(root, 'agent/till/recording/workflow.ts')
  for (const file of [workflow, join(root, 'agent/till/recording/recorder.ts')])
    rewrite(file, /^/, "import { existsSync } from 'node:fs'\n")
  rewrite(
    workflow,
    "  const event = eventOf('act.intended', plan, at, { ...body, ...parts, act }, document)\n",
    `  const note = String(document.shown.note)
  const stored = { ...act, ...(act.name !== 'read' && existsSync('${hanging(root)}') && note.includes('${PLANTED.act}') && { name: act.name + '_later' }), ...(note.includes('${PLANTED.actMember}') && { levy: 1 }) }
  const event = eventOf('act.intended', plan, at, { ...body, ...parts, act: stored }, document)\n`,
  )
  rewrite(
    workflow,
    '    const { act, root = seq } = view.bodyAt(seq)\n',
    `    const { act: stored, root = seq } = view.bodyAt(seq)
    const act = stored && { ...stored, name: stored.name.replace('_later', '') }\n`,
  )
  rewrite(
    join(root, 'agent/till/recording/recorder.ts'),
    '    const { clock, fault, onAct } = this.#options\n',
    `    if (act.name !== 'read' && existsSync('${hanging(root)}') && String(document.shown.note).includes('${PLANTED.hangs}')) await new Promise(() => undefined)
    const { clock, fault, onAct } = this.#options\n`,
  )
}

function plantMembers(root: string): void {
  rewrite(
    join(root, 'agent/till/selling/create-goods.ts'),
    '    note: input.note ?? null,\n',
    `    note: input.note ?? null,\n    ...(String(input.note).includes('${PLANTED.member}') && { levy: 'A' }),\n`,
  )
  rewrite(
    join(root, 'agent/till/recording/mutations.ts'),
    'withMarks(first, claim)',
    `withMarks(first, { ...claim, ...(String(first.body.set?.note).includes('${PLANTED.mark}') && { levy: 1 }) })`,
  )
  const requests = join(root, 'agent/till/requests.ts')
  rewrite(requests, "[['', firstPrint]]", "[['', firstPrint], ['2.', (sent) => '2.' + firstPrint(sent)]]")
  rewrite(
    requests,
    '  return firstPrint(sent)\n}\n\n/** True',
    `  return (sent.body.includes('${PLANTED.print}') ? '2.' : '') + firstPrint(sent)\n}\n\n/** True`,
  )
}

export function start({ root }: Program, config: string): Promise<Daemon> {
  return startDaemon(process.execPath, [join(root, 'bin/fiskal-edge.cjs'), 'run', '--config', config])
}

export async function command({ root }: Program, ...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'bin/fiskal-edge.cjs'), ...args], {
    env: onLastingDisk(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes))
  const [code] = await once(child, 'close')
  return { code: code as number | null, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }
}
