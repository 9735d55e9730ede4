import type { ErrorCode } from '../../errors.ts'
import { ERRORS } from '../../errors.ts'
import { escapeHtml } from '../../receipts/xml.ts'
import { frame } from './frame.ts'

/** Explains an error code and its remedy to a person. */
export function errorPage(code: ErrorCode): string {
  const { status, title, remedy } = ERRORS[code]
  return frame(
    code,
    `<h1>${escapeHtml(title)}</h1>
<p><code>${escapeHtml(code)}</code>, HTTP ${status}</p>
<p>${escapeHtml(remedy)}</p>
<p><a href="/docs">Reference</a></p>`,
  )
}
