import { createHash } from 'node:crypto'
import type { ReceiptModel } from '../contract/receipt.ts'
import { qrCode, qrPath } from './qr.ts'
import type { CodeForm, Item, Section } from './sheet.ts'
import { sectionsOf } from './sheet.ts'
import { escapeXml } from './xml.ts'

const STYLE = `
*{box-sizing:border-box}
html{background:#eee;color:#000}
body{margin:1rem auto;max-width:24rem;padding:1.25rem;background:#fff;font:1rem/1.35 system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
section+section{margin-top:.6rem;border-top:1px solid #000;padding-top:.6rem}
h1,h2,p{margin:0;text-align:center;font-size:inherit;font-weight:400}
h1,h2{font-size:1.2rem;font-weight:700}
p.notice{margin-top:.3rem;border:2px solid #000;padding:.2rem .4rem;font-weight:700}
table{width:100%;border-collapse:collapse}
th,td{padding:.05rem 0;text-align:left;vertical-align:top;font-weight:400}
td.amount,th.amount{padding-left:.6rem;text-align:right;white-space:nowrap}
td.key{width:1.4rem;text-align:right}
td.count{padding-left:1rem}
tr.strong td{font-size:1.15rem;font-weight:700}
section.fine{font-size:.8rem}
section.fine th{font-weight:700}
dl{margin:0}
dl div{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem}
dd{margin:0 0 0 auto}
dd.long{flex-basis:100%}
svg{display:block;width:100%;max-width:18rem;margin:.6rem auto 0}
@page{margin:8mm}
@media print{html{background:none}body{margin:0 auto;padding:0}section{break-inside:avoid-page}section.lines{break-inside:auto}}
`
const SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

/** The page is one file: only this style sheet, no script, no further requests. */
const INLINE_POLICY = `default-src 'none'; style-src ${SOURCE}; base-uri 'none'; form-action 'none'`
export const RECEIPT_POLICY = `${INLINE_POLICY}; frame-ancestors 'none'`

const QUIET_MODULES = 4
/** The longest value that fits next to its label on a narrow page, in characters. */
const SHORT_VALUE = 32

/** The receipt as a page for phones and printers; the same bytes for the same model. */
export function renderHtml(model: ReceiptModel, form: CodeForm): string {
  const sections = sectionsOf(model, form).map(sectionHtml).join('\n')
  return `<!doctype html>
<html lang="${model.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${INLINE_POLICY}">
<title>${escapeXml(`${model.title} ${model.operation_id}`)}</title><style>${STYLE}</style></head><body>
${sections}
</body></html>
`
}

function sectionHtml({ name, items, fine }: Section): string {
  const rows = items.map((item) => itemHtml(item, name))
  // Neighbours of one kind share a list or a table.
  const parts = rows.map(({ frame, html }, index) => {
    const open = frame !== undefined && rows[index - 1]?.frame !== frame ? `<${frame}>` : ''
    const close = frame !== undefined && rows[index + 1]?.frame !== frame ? `</${frame}>` : ''
    return open + html + close
  })
  return `<section class="${name}${fine ? ' fine' : ''}">${parts.join('\n')}</section>`
}

function itemHtml(item: Item, section: string): { frame?: 'dl' | 'table'; html: string } {
  switch (item.kind) {
    case 'centred': {
      const tag = item.size === 'normal' ? 'p' : section === 'title' ? 'h1' : 'h2'
      return { html: `<${tag}>${escapeXml(item.text)}</${tag}>` }
    }
    case 'notice':
      return { html: `<p class="notice">${escapeXml(item.text)}</p>` }
    case 'labelled':
    case 'ocr': {
      const long = item.value.length > SHORT_VALUE ? ' class="long"' : ''
      return {
        frame: 'dl',
        html: `<div><dt>${escapeXml(item.label)}</dt><dd${long}>${escapeXml(item.value)}</dd></div>`,
      }
    }
    case 'amount':
      return { frame: 'table', html: amountHtml(item) }
    case 'taxes':
      return { frame: 'table', html: taxesHtml(item) }
    case 'code':
      return { html: codeSvg(item.data) }
  }
}

function amountHtml({ label, count, amount, key, strong }: Extract<Item, { kind: 'amount' }>): string {
  const figures = `<td class="amount">${escapeXml(amount)}</td><td class="key">${escapeXml(key)}</td>`
  const open = strong ? '<tr class="strong">' : '<tr>'
  if (count === undefined) return `${open}<td>${escapeXml(label)}</td>${figures}</tr>`
  return `${open}<td colspan="3">${escapeXml(label)}</td></tr>\n${open}<td class="count">${escapeXml(count)}</td>${figures}</tr>`
}

function taxesHtml({ head, rows }: Extract<Item, { kind: 'taxes' }>): string {
  const cells = (tag: 'th' | 'td', texts: readonly string[]) =>
    texts.map((text, at) => `<${tag}${at > 0 ? ' class="amount"' : ''}>${escapeXml(text)}</${tag}>`).join('')
  const lines = rows.flatMap((row) => [
    `<tr>${cells('td', row.cells)}</tr>`,
    ...(row.note === null ? [] : [`<tr><td class="count" colspan="4">${escapeXml(row.note)}</td></tr>`]),
  ])
  return [`<tr>${cells('th', head)}</tr>`, ...lines].join('\n')
}

/** The code with its quiet zone, as a separate picture. */
export function codePicture(data: string): string {
  return codeSvg(data).replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
}

function codeSvg(data: string): string {
  const code = qrCode(data)
  const side = code.size + 2 * QUIET_MODULES
  const path = qrPath(code, QUIET_MODULES, QUIET_MODULES, 1)
  return `<svg role="img" aria-label="QR" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><rect width="${side}" height="${side}" fill="#fff"/><path d="${path}"/></svg>`
}
