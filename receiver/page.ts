import { hash as digest } from 'node:crypto'
import { rfc3339 } from '../base/clock.ts'
import { visible } from '../base/text.ts'
import type { ForkEvidence, StoredChain } from './store.ts'
import type { Succession } from './succession.ts'

const STYLE = `
:root{color-scheme:light dark}
body{margin:0 auto;max-width:64rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif}
h1{margin:0 0 .25rem}
table{width:100%;border-collapse:collapse}
th,td{padding:.4rem .8rem .4rem 0;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);text-align:left;vertical-align:top}
.number{text-align:right;font-variant-numeric:tabular-nums}
code{font-family:ui-monospace,monospace;font-size:.85em;overflow-wrap:anywhere}
small{display:block;opacity:.75}
.bad{color:light-dark(#a40000,#ff8a80);font-weight:600}
@media(max-width:40rem){
  thead{display:none}
  tr{display:block;padding:.6rem 0;border-top:1px solid color-mix(in srgb,currentColor 30%,transparent)}
  td{display:grid;grid-template-columns:7rem 1fr;padding:.1rem 0;border:0}
  td::before{content:attr(data-name);opacity:.75}
  .number{text-align:left}
  small{grid-column:2}
}
`
const LATE_SECONDS = 1800

/** The page fetches nothing and runs nothing. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${digest('sha256', STYLE, 'base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`

/** A chain, its epoch's claims about the one before, and when the agent's newest backup came. */
export type Shop = {
  readonly chain: StoredChain
  readonly previous: Succession | undefined
  readonly backupAtMs: number | undefined
}

/** Shops, how long they have been silent, and forks: for a person of the head office. `more`: there are older ones. */
export function officePage(
  shops: readonly Shop[],
  forks: readonly ForkEvidence[],
  nowMs: number,
  more: boolean,
): string {
  const rows = shops.map((shop) => shopRow(shop, nowMs)).join('\n')
  const late = shops.filter(({ chain }) => isLate(chain, nowMs)).length
  const evidence = forks.map(({ chainId, seq, receivedAtMs }) =>
    row([
      ['Chain', `<code>${escapeHtml(chainId)}</code>`],
      ['Event', String(seq), 'number'],
      ['Received', shortTime(receivedAtMs)],
    ]),
  )
  const counts = [count(shops.length, 'journal'), `${late} late`, count(forks.length, 'fork')].join(', ')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="15">
<title>Shops</title><style>${STYLE}</style></head><body>
<h1>Shops</h1>
<p>${counts}, ${shortTime(nowMs)} UTC</p>
<table><thead><tr><th>Agent<th class="number">Epoch<th>State<th class="number">Events<th>Last contact<th>Backup<th>Journal</thead>
<tbody>${rows}</tbody></table>
${more ? `<p><a href="/?before=${encodeURIComponent(shops.at(-1)?.chain.chainId ?? '')}">Older journals</a></p>` : ''}
<h2>Forks</h2>
${forks.length === 0 ? '<p>None.</p>' : `<table><thead><tr><th>Chain<th class="number">Event<th>Received</thead><tbody>${evidence.join('\n')}</tbody></table>`}
</body></html>
`
}

function shopRow({ chain, previous, backupAtMs }: Shop, nowMs: number): string {
  const { chainId, agentId, epoch, state, headSeq, heardAtMs } = chain
  const seconds = Math.max(0, Math.round((nowMs - heardAtMs) / 1000))
  const late = isLate(chain, nowMs)
  const journal = `<a href="/v1/chains/${encodeURIComponent(chainId)}/journal">export</a>`
  return row([
    ['Agent', `<code>${escapeHtml(agentId)}</code>${successionText(previous)}`],
    ['Epoch', String(epoch), 'number'],
    ['State', state, state === 'forked' ? 'bad' : ''],
    ['Events', String(headSeq), 'number'],
    ['Last contact', `${duration(seconds)} ago${late ? ', late' : ''}`, late ? 'bad' : ''],
    [
      'Backup',
      backupAtMs === undefined ? '–' : `${duration(Math.max(0, Math.round((nowMs - backupAtMs) / 1000)))} ago`,
    ],
    ['Journal', headSeq === 0 ? '–' : journal],
  ])
}

/** The gap that a new epoch leaves after the one before; empty if nothing is missing. */
function successionText(previous: Succession | undefined): string {
  if (previous === undefined) return ''
  const { reason, standing, onlyHere, notHere } = previous
  const open = [
    ...(standing === 'differs' ? ['follows on another history than the one stored here'] : []),
    ...(onlyHere > 0 ? [`${onlyHere} events of the epoch before are here alone`] : []),
    ...(notHere > 0 ? [`${notHere} events of the epoch before never came`] : []),
  ]
  const why = reason === '' ? 'new epoch' : `new epoch: ${escapeHtml(reason)}`
  return `<small>${[why, ...open].join('; ')}</small>`
}

/** On a narrow screen each cell is below its own name. */
function row(cells: readonly (readonly [name: string, html: string, kind?: string])[]): string {
  const cell = ([name, html, kind = '']: (typeof cells)[number]): string =>
    `<td data-name="${name}"${kind === '' ? '' : ` class="${kind}"`}>${html}</td>`
  return `<tr>${cells.map(cell).join('')}</tr>`
}

/** An open chain signs its head every quarter of an hour, sales or not. */
function isLate({ state, heardAtMs }: StoredChain, nowMs: number): boolean {
  return state === 'open' && nowMs - heardAtMs > LATE_SECONDS * 1000
}

function shortTime(ms: number): string {
  return rfc3339(ms).slice(0, 19).replace('T', ' ')
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

/** Marks of the writing direction would turn the rest of a line. */
function escapeHtml(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
