import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'

/** The key of a point on P-256, X and Y in BASE64. */
export function keyOfPoint(point: string): KeyObject {
  const bytes = Buffer.from(point, 'base64')
  const [x, y] = [bytes.subarray(0, 32), bytes.subarray(32)].map((part) => part.toString('base64url'))
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' })
}

/** Codes of receipts that shops gave their customers, with the key of the card's certificate if that is public too. */
export const genuineCodes: readonly { what: string; code: string; point?: string }[] = [
  {
    what: 'a card of A-Trust, 2018',
    code:
      '_R1-AT1_fiskaltrust1_ft1C905#105218_2018-02-08T12:37:34_0,00_16,30_0,00_0,00_0,00_xfWUwBw=_7b164a88_6w3fQw5bEog=_' +
      'irdxIo1TAowB1OzpU+dgeAS887k8AuT09jrcMjZx95xHzbKp5pLQcupkbpZK5UxtDaxj08+8bRO30Y4wxiwonw==',
    point: 'CvYQtkehA4FG7PGa7+pu+hmyOHhhppEeV1O/JsbCiCwOYwZeyE4g6ePIWCAanEbbrVQUTUxyiuf03ExuLXu+yQ==',
  },
  {
    what: 'a card of PrimeSign, 2018',
    code:
      '_R1-AT3_NovaTouch3_ft9959#38164_2018-02-26T10:02:23_0,00_0,00_0,00_21,20_0,00_mrcVvQE=_1bed73b390d58_Pf0Q7tXusVg=_' +
      'wq2L/wZ/ueq1R1IOv6KUjtklGQKSdHlLt8rYA52lAvFq4SIylOGz42q9P16GVUYdLrA5lxEI5ROnvwCOmL0ZjA==',
    point: 'C7O6dX9uhWTZGXfSxkFCX2pXKjiTMmEhJWK0ZmgCS0TqXNTzZJQulXrCTllm77xKd1zG0StvVlboxNnB+mAf0A==',
  },
  {
    what: 'a receipt of an outage, 2019',
    code:
      '_R1-AT1_fiskaltrust5_ft972#2197_2019-07-02T10:31:07_3,90_0,00_0,00_0,00_0,00_vD3mQZM=_3a22119b_kPeJtyNlSCo=_' +
      'U2ljaGVyaGVpdHNlaW5yaWNodHVuZyBhdXNnZWZhbGxlbg==',
  },
]
