/** What a receipt must carry that no unit signed: § 17 RKSV. It stands in the place of the signature too. */
export const OUTAGE_TEXT = 'Sicherheitseinrichtung ausgefallen'
