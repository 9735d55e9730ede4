import type { IncomingHttpHeaders } from 'node:http'
import { FiskalError } from '../errors.ts'

/** The begin of a key: the rest may be mistyped, and must not be shown. */
const KEY = /ofk_(platform|read|reg)_/
const PLATFORM_PLACE = {
  header: 'Authorization',
  words:
    'a platform key (ofk_platform_…) belongs in Authorization, as "Bearer ofk_platform_…"; so does a reader key (ofk_read_…)',
}
const REGISTER_PLACE = {
  header: 'X-Register-Api-Key',
  words: 'a register key (ofk_reg_…) belongs in X-Register-Api-Key, alone',
}
type Place = typeof PLATFORM_PLACE

/**
 * The refusal of a key that is in another header than its own, or not in the form of that header; undefined if there is
 * none. It follows from the first characters alone, so it does not show whether the key is valid.
 */
export function misplacedKey(headers: IncomingHttpHeaders): FiskalError | undefined {
  const place = placeMissed(headers)
  if (place === undefined) return undefined
  const { header, words } = place
  return new FiskalError('unauthorized', `The key is in the wrong place: ${words}.`, { reason: 'header', header })
}

function placeMissed({ authorization, ...others }: IncomingHttpHeaders): Place | undefined {
  const inAuthorization = placeOf(authorization) ?? placeOf(decodedBasic(authorization))
  if (inAuthorization === REGISTER_PLACE) return REGISTER_PLACE
  if (inAuthorization === PLATFORM_PLACE && !/^bearer +ofk_(platform|read)_/i.test(authorization ?? ''))
    return PLATFORM_PLACE
  const registerKey = others['x-register-api-key']
  const isInPlace = String(registerKey).startsWith('ofk_reg_')
  return (isInPlace ? undefined : placeOf(registerKey)) ?? placeOf(others['x-api-key'])
}

/** The place of the key that a header holds. */
function placeOf(header: string | string[] | undefined): Place | undefined {
  const kind = header === undefined ? undefined : KEY.exec(String(header))?.[1]
  if (kind === undefined) return undefined
  return kind === 'reg' ? REGISTER_PLACE : PLATFORM_PLACE
}

/** A client with a field for a user sends its text as Base64. */
function decodedBasic(authorization: string | undefined): string | undefined {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? '')?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('latin1')
}
