import { createHash } from 'node:crypto'
import { escapeHtml } from '../../receipts/xml.ts'

const STYLE = `
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent);--soft:color-mix(in srgb,currentColor 65%,transparent)}
*{box-sizing:border-box}
body{margin:0 auto;max-width:56rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.2}
h2{margin-top:2.5rem;border-bottom:1px solid var(--line);font-size:1.25rem}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}
details{margin:.5rem 0;border:1px solid var(--line);border-radius:.4rem;padding:.5rem .75rem}
summary{cursor:pointer;min-height:1.75rem}
summary span{color:var(--soft)}
table{width:100%;border-collapse:collapse;margin:.5rem 0}
td,th{padding:.3rem .5rem .3rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:top}
td:first-child,th:first-child{white-space:nowrap}
td:last-child{overflow-wrap:anywhere}
.members td:last-child{width:100%}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
td:only-child{white-space:normal}
@media (max-width:40rem){.members td{display:block;padding:0;border:0}.members td:first-child{border-top:1px solid var(--line);padding-top:.3rem}}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}
nav a{padding:.4rem 0}
.method{display:inline-block;min-width:4rem;font-weight:700}
p.note{color:var(--soft)}
`

/** A page may use only this style sheet: no script, image or form, and no frame around it. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** A whole document around `body`, which is HTML already; `title` is text. */
export function frame(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>
${body}
</body></html>
`
}
