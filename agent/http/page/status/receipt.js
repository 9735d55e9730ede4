// The chosen or newest receipt: its code as a picture, and its text as it would be printed.

import { ask } from './agent.js'
import { element, facts } from './elements.js'
import { language, say, sayOf } from './words.js'

/** @typedef {import('../../../contract/overview.ts').Overview['documents'][number]} Document */

/** Fetched receipts, by operation and state: a final receipt does not change. */
/** @type {Map<string, Promise<HTMLElement>>} */
const papers = new Map()
const PAPERS_MAX = 30
/** As many as the column of the page holds at every width. */
const COLUMNS = 32

/** @param {Document} document */
export function paperOf(document) {
  const name = [document.id, document.status, document.fiscal_state, language()].join(' ')
  let paper = papers.get(name)
  if (paper === undefined) {
    paper = makePaper(document)
    papers.set(name, paper)
    for (const oldest of papers.keys()) {
      if (papers.size <= PAPERS_MAX) break
      papers.delete(oldest)
    }
    paper.catch(() => papers.delete(name))
  }
  const place = element(
    'div',
    { class: 'card paper', 'aria-live': 'polite' },
    element('p', { class: 'soft' }, say('loading')),
  )
  const issued = issuedRows(document)
  paper.then(
    (made) => place.replaceChildren(...issued, made),
    () => place.replaceChildren(...issued, element('p', { class: 'soft' }, say('no_receipt'))),
  )
  return place
}

/** How the receipt was issued: it may be recorded after the receipt was fetched. @param {Document} document */
function issuedRows({ status, issued_as: as }) {
  return status === 'completed' ? [facts([[say('issued'), sayOf('issued', as ?? 'unknown')]])] : []
}

/** @param {Document} document */
async function makePaper({ id, merchant_id: merchant, has_code: hasCode, status }) {
  const paper = element('div', {})
  if (status === 'open') {
    paper.append(element('p', { class: 'soft' }, say('still_open')))
    return paper
  }
  const path = `/v1/operations/${encodeURIComponent(id)}`
  if (hasCode) {
    const picture = await (await ask(`${path}/code`, { accept: 'image/svg+xml', merchant })).blob()
    const image = element('img', { alt: say('code_alt'), width: '240', height: '240' })
    const url = URL.createObjectURL(picture)
    image.addEventListener('load', () => URL.revokeObjectURL(url))
    image.setAttribute('src', url)
    paper.append(image)
  }
  const text = await (
    await ask(`${path}/receipt?language=${language()}&columns=${COLUMNS}`, { accept: 'text/plain', merchant })
  ).text()
  paper.append(
    element(
      'details',
      { open: !hasCode },
      element('summary', {}, say('receipt_text')),
      element('pre', { tabindex: '0' }, text),
    ),
  )
  return paper
}
