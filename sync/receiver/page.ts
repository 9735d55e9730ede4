import { hash as digest } from 'node:crypto'
import { rfc3339 } from '../instants.ts'
import type { ForkEvidence, StoredChain } from './store.ts'

const STYLE = `
:root{color-scheme:light dark}
body{margin:0 auto;max-width:60rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse}
th,td{padding:.3rem .6rem .3rem 0;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);text-align:left;vertical-align:top}
td.number{text-align:right;font-variant-numeric:tabular-nums}
code{font-family:ui-monospace,monospace;font-size:.9em}
.late,.forked{font-weight:700}
`
const LATE_SECONDS = 1800

/** Nothing is fetched and nothing runs. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${digest('sha256', STYLE, 'base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`

/** Shops, how long they have been silent, and forks: for a person of the head office. */
export function officePage(chains: readonly StoredChain[], forks: readonly ForkEvidence[], nowMs: number): string {
  const rows = chains.map((chain) => chainRow(chain, nowMs)).join('\n')
  const evidence = forks.map(
    ({ chainId, seq, receivedAtMs }) =>
      `<tr><td><code>${escapeHtml(chainId)}</code></td><td class="number">${seq}</td><td>${rfc3339(receivedAtMs)}</td></tr>`,
  )
  const table = `<table><tr><th>Chain</th><th>Event</th><th>Received</th></tr>${evidence.join('\n')}</table>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="15">
<title>Shops</title><style>${STYLE}</style></head><body>
<h1>Shops</h1>
<p>${chains.length} journals, ${forks.length} forks, ${rfc3339(nowMs)}</p>
<table><tr><th>Agent</th><th>Epoch</th><th>State</th><th>Events</th><th>Last heard</th><th>Journal</th></tr>
${rows}</table>
<h2>Forks</h2>
${forks.length === 0 ? '<p>None.</p>' : table}
</body></html>
`
}

function chainRow({ chainId, agentId, epoch, state, headSeq, heardAtMs }: StoredChain, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - heardAtMs) / 1000))
  const late = state === 'open' && seconds > LATE_SECONDS
  const journal = `<a href="/v1/chains/${encodeURIComponent(chainId)}/journal">export</a>`
  const cells = [
    `<td><code>${escapeHtml(agentId)}</code></td><td class="number">${epoch}</td>`,
    `<td${state === 'forked' ? ' class="forked"' : ''}>${state}</td><td class="number">${headSeq}</td>`,
    `<td${late ? ' class="late"' : ''}>${duration(seconds)} ago${late ? ', late' : ''}</td><td>${journal}</td>`,
  ]
  return `<tr>${cells.join('')}</tr>`
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
