import { createHash } from 'node:crypto'
import { amendOperation } from '../../agent/contract/amendment.ts'
import { createClosing } from '../../agent/contract/closing.ts'
import { issueOperation } from '../../agent/contract/issued.ts'
import { createLocation } from '../../agent/contract/location.ts'
import { createMerchant } from '../../agent/contract/merchant.ts'
import { completeOperation, createOperation, voidOperation } from '../../agent/contract/operation.ts'
import { parse } from '../../agent/contract/parse.ts'
import { createRegister, decommissionRegister, fiscalizeRegister } from '../../agent/contract/register.ts'
import { FiskalError } from '../../agent/errors.ts'
import type { Application } from '../../agent/till/application.ts'
import type { Answer, Mutation } from '../../agent/till/requests.ts'
import { claimId } from '../../agent/till/requests.ts'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { CONTRACT } from '../contract.ts'
import type { Asked, Given } from '../crash/answer-log.ts'

type Act = (application: Application, mutation: Mutation, id: string, body: Json) => Promise<Answer>

const ACTS: Readonly<Record<string, Act>> = {
  '/v1/merchants': (app, mutation, _id, body) =>
    app.merchants.create(mutation, parse(CONTRACT.of(createMerchant), body)),
  '/v1/locations': (app, mutation, _id, body) => app.locations.create(mutation, parse(createLocation, body)),
  '/v1/registers': (app, mutation, _id, body) => app.registers.create(mutation, parse(createRegister, body)),
  '/v1/registers/{id}/fiscalize': (app, mutation, id, body) =>
    app.registers.fiscalize(mutation, parse(fiscalizeRegister, body), id),
  '/v1/registers/{id}/decommission': (app, mutation, id, body) =>
    app.registers.decommission(mutation, parse(decommissionRegister, body), id),
  '/v1/registers/{id}/closings': (app, mutation, id, body) =>
    app.closings.create(mutation, parse(createClosing, body), id),
  '/v1/operations': (app, mutation, _id, body) => app.operations.create(mutation, parse(createOperation, body)),
  '/v1/operations/{id}': (app, mutation, id, body) =>
    app.operations.amend(mutation, parse(CONTRACT.of(amendOperation), body), id),
  '/v1/operations/{id}/complete': (app, mutation, id, body) =>
    app.operations.complete(mutation, parse(completeOperation, body), id),
  '/v1/operations/{id}/void': (app, mutation, id, body) =>
    app.operations.void(mutation, parse(voidOperation, body), id),
  '/v1/operations/{id}/issued': (app, mutation, id, body) =>
    app.operations.issue(mutation, parse(issueOperation, body), id),
}

const CALLER = { kind: 'platform', keyId: 'K' } as const

/** Handles a request like the HTTP layer, without a socket: stored answer first, then the application. */
export async function call(
  application: Application,
  { method = 'POST', path, body, key, ifMatch }: Asked,
): Promise<Given> {
  const [, , resource = '', id, verb] = path.split('/')
  const template = ['/v1', resource, ...(id === undefined ? [] : ['{id}']), ...(verb === undefined ? [] : [verb])].join(
    '/',
  )
  const act = ACTS[template]
  if (act === undefined) throw new Error(`no use case for ${template}`)
  const json = body as Json
  try {
    const merchantId = application.merchantFor(CALLER, undefined, undefined)
    const sent = { template, method, path, body: canonicalJson(json) }
    const print = createHash('sha256').update(`${method}\n${path}\n${sent.body}`).digest('base64url')
    const scope = `${template === '/v1/merchants' ? '-' : merchantId}:${template}:${CALLER.keyId}`
    const idempotency = { scope, key, id: claimId(scope, key), print, sent }
    const stored = await application.answerOfKey(idempotency)
    const mutation = { caller: CALLER, merchantId, idempotency, ifMatch, organization: undefined }
    const { status, body: text } = stored ?? (await act(application, mutation, id ?? '', json))
    return { status, body: text }
  } catch (error) {
    if (!(error instanceof FiskalError)) throw error
    const { status, code, message, details } = error
    return { status, body: JSON.stringify({ code, message, details }) }
  }
}
