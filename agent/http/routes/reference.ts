import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { once } from '../../../base/once.ts'
import { FiskalError } from '../../errors.ts'
import type { CacheableReply } from '../cacheable.ts'
import { cacheable, revalidated } from '../cacheable.ts'
import type { OpenHandler } from '../handler.ts'
import { REFERENCE_PAGE, REFERENCE_POLICY } from '../page/reference-page.ts'

const SCRIPT = 'text/javascript; charset=utf-8'
const START = new URL('../page/reference/start.js', import.meta.url)
/** In a package, and in a checkout (`scripts/reference-script.cjs`). */
const SCALAR = ['../page/reference/scalar.js.gz', '../../../node_modules/.cache/fiskal-edge/docs/scalar.js.gz'].map(
  (place) => fileURLToPath(new URL(place, import.meta.url)),
)

/** The reference page and its files. `plain` is the page without the script of Scalar. */
export function referenceHandlers(plain: () => CacheableReply, places: readonly string[] = SCALAR) {
  const script = once(() => presentIn(places))
  const page = once(() =>
    cacheable('text/html; charset=utf-8', REFERENCE_PAGE, { 'Content-Security-Policy': REFERENCE_POLICY }),
  )
  const scalar = once(() => {
    const file = script()
    return file === undefined ? undefined : cacheable(SCRIPT, readFileSync(file), { 'Content-Encoding': 'gzip' })
  })
  const start = once(() => cacheable(SCRIPT, readFileSync(START)))
  return {
    docs: openHandler(() => (script() === undefined ? plain() : page())),
    docsPlain: openHandler(plain),
    docsScalar: openHandler(() => scalar() ?? missing('no script for the reference: run npm run prepare.')),
    docsStart: openHandler(start),
  }
}

/** The client of a till, for `npm install`. */
export function clientPackage(version: string): OpenHandler {
  const installed = new URL('../../../clients/fiskal-edge-client.tgz', import.meta.url)
  const name = `fiskal-edge-client-${version}.tgz`
  const made = new URL(`../../../node_modules/.cache/fiskal-edge/docs/${name}`, import.meta.url)
  const client = once(() => {
    const file = presentIn([fileURLToPath(installed), fileURLToPath(made)])
    const headers = { 'Content-Disposition': `attachment; filename="${name}"` }
    return file === undefined ? undefined : cacheable('application/gzip', readFileSync(file), headers)
  })
  return openHandler(() => client() ?? missing('no client: run npm run prepare.'))
}

export function openHandler(replyNow: () => CacheableReply): OpenHandler {
  return { kind: 'open', run: (req) => revalidated(req, replyNow()) }
}

function presentIn(places: readonly string[]): string | undefined {
  return places.find((place) => existsSync(place))
}

function missing(what: string): never {
  throw new FiskalError('not_found', `This checkout has ${what}`, { resource: 'file' })
}
