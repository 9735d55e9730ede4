import type { ErrorCode, FiscalEffect } from '../../errors.ts'
import { ERRORS, FiskalError, hasRetryAfter } from '../../errors.ts'
import { escapeHtml } from '../../receipts/xml.ts'
import { renderProblem } from '../problem.ts'
import { EXPLANATIONS } from './error-explanations.ts'
import { frame } from './frame.ts'

const EFFECTS: Readonly<Record<FiscalEffect, string>> = {
  none: 'Nothing was recorded or signed for this request.',
  recorded:
    'A part of it is recorded. In Italy one of two documents is printed: the operation stays open, and only the same completion with the same key prints the rest.',
  unknown:
    'The outcome is not known yet. Begin no second sale; send the same request with the same key until it is answered.',
}

const REQUEST_ID = '8f14e45f-ceea-467f-9d2f-0c1b5a6d7e83'

/** Explains an error code to a person: what it means, whether to repeat, what to do, and one of its refusals. */
export function errorPage(code: ErrorCode): string {
  const { status, title, remedy } = ERRORS[code]
  const { meaning, effects = [] } = EXPLANATIONS[code]
  const rows = (['none', ...effects] as const).map(
    (effect) => `<tr><td><code>${effect}</code></td><td>${EFFECTS[effect]}</td></tr>`,
  )
  return frame(
    code,
    `<h1>${escapeHtml(title)}</h1>
<p><code>${escapeHtml(code)}</code>, HTTP ${status}</p>
<p>${escapeHtml(meaning)}</p>
<h2>What to do</h2>
<p>${escapeHtml(remedy)}</p>
<h2>Send it again?</h2>
<p>${escapeHtml(repetition(code))}</p>
<h2>Fiscal effect</h2>
<p>The member <code>fiscal_effect</code> of the answer says which one it is.</p>
<table>${rows.join('')}</table>
<h2>Example</h2>
<pre>${escapeHtml(exampleOf(code))}</pre>
<p><a href="/docs">Reference</a></p>`,
  )
}

/** Whether the same request may be sent again, and when. */
function repetition(code: ErrorCode): string {
  if (code === 'precondition_failed')
    return 'Not as it is. Read the operation first, look at its goods, then send the version that was read.'
  if (code === 'idempotency_key_conflict')
    return 'No. The key belongs to the first request, and what that one did may be what you want.'
  if (code === 'version_too_old') return 'After the later version is installed: the same request with the same key.'
  // The agent refuses these before it looks for the stored answer of the key.
  if (['unauthorized', 'forbidden', 'origin_not_allowed', 'host_not_allowed'].includes(code))
    return 'After the cause is removed, with the same Idempotency-Key. If an earlier attempt was not answered, it may be recorded: this refusal says nothing about it.'
  if (hasRetryAfter(code))
    return 'Yes: the same request with the same Idempotency-Key, after the seconds of Retry-After.'
  if (ERRORS[code].status >= 500) return 'Yes: the same request with the same Idempotency-Key, with growing pauses.'
  return 'Not as it is: the refusal would be the same until its cause is removed. The Idempotency-Key is free for the corrected request.'
}

function exampleOf(code: ErrorCode): string {
  const [message, details = {}, fiscalEffect = 'none'] = EXPLANATIONS[code].example
  const { status, headers, body } = renderProblem(
    new FiskalError(code, message, details, { fiscalEffect }),
    REQUEST_ID,
    undefined,
    '',
  )
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`)
  return `HTTP ${status}\n${lines.join('')}\n${JSON.stringify(JSON.parse(body), null, 2)}`
}
