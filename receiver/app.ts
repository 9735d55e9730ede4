import type { Express, NextFunction, Request, Response } from 'express'
import express, { Router } from 'express'
import { headerNames, repeatedHeader } from '../base/repeated-header.ts'
import { messageOf } from '../base/thrown.ts'
import { EnvelopeError } from '../sync/protocol/envelope.ts'
import type { ReceiverParts } from './parts.ts'
import { Problem } from './problem.ts'
import { refuse } from './respond.ts'
import { agentRoutes } from './routes/agent.ts'
import { blobRoutes } from './routes/blob.ts'
import { officeRoutes } from './routes/office.ts'
import { StoreBusyError } from './store.ts'

const BUSY_SECONDS = 2

/** The receiver's HTTP interface. */
export function receiverApp(parts: ReceiverParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.set('etag', false)
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.set('Cache-Control', 'no-store').set('X-Content-Type-Options', 'nosniff')
    response.set('Content-Security-Policy', "default-src 'none'")
    next()
  })
  app.use(refuseMalformed)
  app.use(refuseForeignPages)
  const router = Router()
  agentRoutes(router, parts)
  blobRoutes(router, parts)
  officeRoutes(router, parts)
  app.use(router)
  app.use((request: Request, response: Response) => {
    const slashes = request.path.includes('//') ? ' The path has two slashes together.' : ''
    refuse(response, new Problem('not_found', `There is nothing here.${slashes}`))
  })
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    if (error instanceof StoreBusyError) parts.trouble.report(error)
    const problem = problemOf(error)
    if (problem.code === 'internal_error') {
      const words = messageOf(error)
      parts.trouble.seldom(words, () => parts.log.error({ code: problem.code, error: words }, 'a request failed'))
    }
    if (response.headersSent) response.destroy()
    else refuse(response, problem)
  })
  return app
}

const ONCE = headerNames([
  ...['Host', 'Authorization', 'Content-Type', 'Content-Encoding', 'Content-Digest', 'If-Match', 'If-None-Match'],
  ...['Origin'],
])

/** RFC 9112 §3.2. */
function refuseMalformed(request: Request, _response: Response, next: NextFunction): void {
  if (request.get('Host') === undefined) throw new Problem('malformed', 'The request names no host.')
  const repeated = repeatedHeader(request.rawHeaders, ONCE)
  if (repeated !== undefined) throw new Problem('malformed', `More than one ${repeated} header: send it once.`)
  next()
}

/**
 * A browser sends the token that it has for the page along with any request of another page. Reading does no harm,
 * since that page cannot see the answer.
 */
function refuseForeignPages(request: Request, _response: Response, next: NextFunction): void {
  const origin = request.get('Origin')
  const site = request.get('Sec-Fetch-Site') ?? 'none'
  const own = origin === undefined || origin.replace(/^https?:\/\//, '') === request.get('Host')
  const looks = request.method === 'GET' || request.method === 'HEAD'
  if (!looks && !(own && (site === 'none' || site === 'same-origin'))) {
    throw new Problem('forbidden', 'A page of another site may change nothing here.')
  }
  next()
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof EnvelopeError) {
    const { code, message, seq } = error
    return new Problem(code, message, seq === undefined ? {} : { seq })
  }
  if (error instanceof StoreBusyError) return new Problem('busy', 'Repeat the request later.', {}, BUSY_SECONDS)
  if (error instanceof URIError) return new Problem('malformed', 'The path is not well formed.')
  return new Problem('internal_error', 'The receiver could not do this.')
}
