/** The text of a receipt that no unit signed: § 17 RKSV. It also replaces the signature. */
export const OUTAGE_TEXT = 'Sicherheitseinrichtung ausgefallen'
