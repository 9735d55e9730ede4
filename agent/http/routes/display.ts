import type { Request } from 'express'
import { FiskalError } from '../../errors.ts'
import type { Application } from '../../till/application.ts'
import { revalidated } from '../cacheable.ts'
import type { OpenHandler } from '../handler.ts'
import { displayPage as pageOf, STATUS_POLICY } from '../page/status-page.ts'
import { languageOf } from './watch.ts'

export function displayHandlers({ display }: Application) {
  /** The same page for every address: a wrong one has no names, and 404 at the next question. */
  const displayPage: OpenHandler = {
    kind: 'open',
    run: (req) => ({
      status: 200,
      mediaType: 'text/html; charset=utf-8',
      headers: { 'Content-Security-Policy': STATUS_POLICY, Vary: 'Accept-Language' },
      body: pageOf(languageOf(req), display.page(tokenOf(req))),
    }),
  }
  const displayNow: OpenHandler = {
    kind: 'open',
    run: (req) => {
      const token = tokenOf(req)
      const known = req.headers['if-none-match']
      // Before another receipt replaces the one that the display had. A HEAD shows nothing to a customer.
      if (req.method === 'GET' && known !== undefined) display.fetched(token, known)
      const shown = display.now(token)
      if (shown === undefined)
        throw new FiskalError('not_found', 'This is not the address of a display, or not any longer.', {
          resource: 'display',
        })
      const { etag, body } = shown
      const reply = revalidated(req, { status: 200, mediaType: 'application/json', headers: { ETag: etag }, body })
      if (req.method === 'GET' && reply.status === 200) display.fetched(token, etag)
      return reply
    },
  }
  return { displayPage, displayNow }
}

function tokenOf(req: Request): string {
  const { token } = req.params
  return typeof token === 'string' ? token : ''
}
