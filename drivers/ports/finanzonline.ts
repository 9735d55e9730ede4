/** A registered thing, or the subject of a question. `serial` in hexadecimal as in field 11 of the code (RKSV § 10). */
export type RkdbSubject =
  | { readonly kind: 'unit'; readonly serial: string }
  | { readonly kind: 'register'; readonly cashBoxId: string }

/** The key of a unit in its registration; one that is not certified is named by its certificate, base64 of DER. */
export type RegisteredUnit = { readonly serial: string } | { readonly certificate: string }

/**
 * One entry of FinanzOnline's service for registers (rkdb). Times are RFC 3339 UTC in whole seconds. A request with a
 * secret (`aesKey`) is made when it is sent, and never kept.
 */
export type RkdbRequest =
  | { readonly operation: 'registrierung_se'; readonly vdaId: string; readonly unit: RegisteredUnit }
  | { readonly operation: 'registrierung_kasse'; readonly cashBoxId: string; readonly aesKey: string }
  | {
      readonly operation: 'ausfall_se' | 'ausfall_kasse'
      readonly subject: RkdbSubject
      readonly reason: number
      /** Undefined: the end of use (Außerbetriebnahme) instead of an outage. */
      readonly since: string | undefined
    }
  | {
      readonly operation: 'wiederinbetriebnahme_se' | 'wiederinbetriebnahme_kasse'
      readonly subject: RkdbSubject
      readonly end: string
    }
  | { readonly operation: 'belegpruefung'; readonly code: string }

export type RkdbOperation = RkdbRequest['operation'] | 'status_see' | 'status_kasse' | 'login' | 'logout'
