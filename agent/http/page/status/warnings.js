// What can be wrong and what mends it, in German and Italian; in English the agent says it itself.

import { language } from './words.js'

/** Code → what and mend, German then Italian. Commands stay as they are typed. */
/** @type {{ [code: string]: readonly [string, string, string, string] }} */
const WORDS = {
  'journal-damaged': [
    'Das Journal ist beschädigt: es wird nichts Neues verkauft.',
    'Agenten beenden, Platte so lassen wie sie ist, letzte Sicherung auf einer anderen einspielen: fiskal-edge restore FILE.',
    'Il giornale è danneggiato: non si vende nulla di nuovo.',
    "Fermare l'agente, lasciare il disco com'è, ripristinare l'ultima copia su un altro: fiskal-edge restore FILE.",
  ],
  'shop-missing': [
    'In diesem Journal ist kein Geschäft angelegt.',
    'Ein neues: seinen Händler anlegen (POST /v1/merchants). Eines, das schon verkauft hat: den Agenten anhalten; sein Zustandsverzeichnis liegt woanders, oder seine Platte ist nicht eingehängt.',
    'In questo giornale non è configurato alcun negozio.',
    "Uno nuovo: creare l'esercente (POST /v1/merchants). Uno che ha già venduto: fermare l'agente; la sua directory di stato è altrove, o il suo disco non è montato.",
  ],
  'disk-full': [
    'Die Platte ist voll: nur laufende Vorgänge werden beendet.',
    'Platz auf der Platte des Zustandsverzeichnisses schaffen; der Verkauf geht von selbst weiter.',
    'Il disco è pieno: si terminano solo le operazioni in corso.',
    'Liberare spazio sul disco dei dati; la vendita riprende da sola.',
  ],
  'disk-low': [
    'Die Platte wird voll.',
    'Platz schaffen (df -h; Dateien: df -i) oder auf eine größere umziehen.',
    'Il disco si sta riempiendo.',
    'Liberare spazio (df -h; file: df -i) o passare a un disco più grande.',
  ],
  'slow-disk': [
    'Die Platte ist langsam: jeder Verkauf wartet auf sie.',
    'Nach einem Programm suchen, das viel schreibt; SD-Karte oder alte Platte durch eine SSD ersetzen.',
    'Il disco è lento: ogni vendita lo attende.',
    'Cercare un programma che scrive molto; sostituire la scheda SD o il vecchio disco con un SSD.',
  ],
  'clock-implausible': [
    'Die Uhr dieser Maschine hat ihre Zeit verloren.',
    'Zeit stellen, wenn sie falsch ist (timedatectl), Batterie der Platine prüfen; ist sie richtig und ging zuvor vor, steht in fiskal-edge task list eine Aufgabe, die das sagt: fiskal-edge task confirm ID.',
    "L'orologio di questa macchina ha perso l'ora.",
    "Impostare l'ora se è sbagliata (timedatectl), controllare la batteria della scheda madre; se è giusta e prima era avanti, fiskal-edge task list ha un compito che lo dice: fiskal-edge task confirm ID.",
  ],
  'register-key-lost': [
    'Der AES-Schlüssel einer Kasse in Österreich ist verloren: sie zeichnet nichts mehr auf.',
    'Den Agenten anhalten, dann fiskal-edge restore DATEI --keys-only mit einer Sicherung, die die Schlüssel hat; ohne sie eine neue Kasse anlegen.',
    'La chiave AES di una cassa in Austria è perduta: non registra più nulla.',
    'Fermare l’agente, poi fiskal-edge restore FILE --keys-only con una copia che ha le chiavi; senza, creare una nuova cassa.',
  ],
  'certificate-early': [
    'Ein Zertifikat gilt noch nicht: es wurde bei vorgehender Uhr gemacht, und Kassen im Netz werden abgewiesen.',
    'Die Uhr stellen, wenn sie falsch geht; sonst nennt fiskal-edge doctor es und den Befehl für ein neues.',
    'Un certificato non è ancora valido: fu fatto con l’ora avanti, e le casse in rete sono rifiutate.',
    "Correggere l'ora se è sbagliata; altrimenti fiskal-edge doctor lo indica insieme al comando per farne un altro.",
  ],
  'certificate-ending': [
    'Ein Zertifikat läuft bald ab: danach werden Kassen im Netz abgewiesen.',
    'fiskal-edge doctor nennt es und den Befehl für ein neues.',
    'Un certificato sta per scadere: poi le casse in rete saranno rifiutate.',
    'fiskal-edge doctor lo indica insieme al comando per farne un altro.',
  ],
  'certificate-ended': [
    'Ein Zertifikat ist abgelaufen: Kassen im Netz werden abgewiesen.',
    'fiskal-edge doctor nennt es und den Befehl für ein neues.',
    'Un certificato è scaduto: le casse in rete sono rifiutate.',
    'fiskal-edge doctor lo indica insieme al comando per farne un altro.',
  ],
  'backup-late': [
    'Seit zwei Tagen gibt es keine Sicherung: eine kaputte Platte nähme mit, was verkauft wurde.',
    'fiskal-edge backup FILE sagt, was fehlt; „backup“ in der Konfiguration ansehen, und ob der Stick steckt.',
    'Da due giorni non c’è alcuna copia: un disco guasto porterebbe via le vendite.',
    'fiskal-edge backup FILE dice che cosa non va; guardare "backup" nella configurazione e se la chiavetta è inserita.',
  ],
  'task-due': [
    'Eine Pflicht gegenüber der Behörde ist über ihren Tag hinaus offen.',
    'fiskal-edge task list sagt wie; danach fiskal-edge task confirm ID.',
    "Un adempimento verso l'autorità è scaduto.",
    'fiskal-edge task list spiega come; poi fiskal-edge task confirm ID.',
  ],
  'unacked-15-min': [
    'Seit 15 Minuten erreicht nichts dieses Ziel. Der Verkauf ist nicht berührt.',
    'Netz und Adresse prüfen; es wird von selbst weiter versucht.',
    'Da 15 minuti nulla raggiunge questa destinazione. La vendita non ne risente.',
    'Controllare rete e indirizzo; si riprova da solo.',
  ],
  'unacked-24-h': [
    'Seit einem Tag erreicht nichts dieses Ziel: was verkauft wurde, liegt nur auf dieser Platte.',
    'Netz, Adresse und Token des Ziels prüfen: fiskal-edge doctor.',
    'Da un giorno nulla raggiunge questa destinazione: le vendite sono solo su questo disco.',
    'Controllare rete, indirizzo e token: fiskal-edge doctor.',
  ],
  'target-certificate-ending': [
    'Das Zertifikat, das diesem Ziel gezeigt wird, läuft bald ab: danach nimmt es nichts mehr von hier.',
    'Ein neues und seinen Schlüssel an deren Stelle legen („tls“ des Ziels); ein Neustart ist nicht nötig.',
    'Il certificato mostrato a questa destinazione sta per scadere: poi non accetterà più nulla da qui.',
    'Metterne al suo posto un altro con la sua chiave ("tls" della destinazione); non serve riavviare.',
  ],
  'target-certificate-void': [
    'Das Zertifikat, das diesem Ziel gezeigt wird, ist abgelaufen oder gilt noch nicht: es nimmt nichts von hier.',
    'Die Uhr stellen, wenn sie falsch geht; sonst ein neues und seinen Schlüssel an deren Stelle legen („tls“ des Ziels).',
    'Il certificato mostrato a questa destinazione è scaduto o non è ancora valido: non accetta nulla da qui.',
    'Correggere l\'ora se è sbagliata; altrimenti metterne un altro con la sua chiave ("tls" della destinazione).',
  ],
  'sync-stalled': [
    'Dieses Ziel weist ein Ereignis ab: es wird nichts mehr dorthin übertragen.',
    'fiskal-edge doctor nennt das Ereignis; den Betreiber des Ziels fragen.',
    'Questa destinazione rifiuta un evento: non si trasmette più nulla.',
    "fiskal-edge doctor indica l'evento; chiedere al gestore della destinazione.",
  ],
  'sync-replaced': [
    'Eine andere Kopie dieses Journals geht an diesem Ziel in einer neueren Epoche weiter: zwei Maschinen haben eine Identität.',
    'Die andere Maschine suchen und eine der beiden beenden. Bleibt diese: fiskal-edge journal epoch --above N, mit der Epoche, die doctor nennt.',
    'Un’altra copia di questo giornale prosegue presso questa destinazione, in un’epoca più recente: due macchine hanno una sola identità.',
    'Trovare l’altra macchina e fermarne una. Se resta questa: fiskal-edge journal epoch --above N, con l’epoca indicata da doctor.',
  ],
  'sync-forked': [
    'Dieses Ziel kennt eine andere Vorgeschichte als das Journal: zwei Agenten mit einer Identität, oder eine alte Kopie hat verkauft.',
    'Den anderen Agenten beenden; beide Platten aufheben; den Betreiber des Ziels fragen.',
    'Questa destinazione ha una storia diversa: due agenti con la stessa identità, o una vecchia copia ha venduto.',
    "Fermare l'altro agente; conservare entrambi i dischi; chiedere al gestore.",
  ],
  'sync-left-behind': [
    'Ereignisse einer beendeten Epoche erreichen dieses Ziel nie: eine andere Kopie dieses Journals hat verkauft oder sie ausgesperrt.',
    'Die andere Kopie suchen und eine von beiden beenden; beide Platten aufheben. Wenn es geklärt ist: fiskal-edge sync set-aside TARGET --reason TEXT.',
    "Eventi di un'epoca terminata non raggiungono mai questa destinazione: un'altra copia di questo giornale ha venduto o li ha esclusi.",
    "Cercare l'altra copia e fermare una delle due; conservare i due dischi. Una volta chiarito: fiskal-edge sync set-aside TARGET --reason TEXT.",
  ],
  unavailable: [
    'Das Fiskalgerät antwortet nicht.',
    'Kabel und Strom prüfen. Es wird von selbst weiter gesucht.',
    'Il dispositivo fiscale non risponde.',
    'Controllare cavo e alimentazione. Viene ricercato da solo.',
  ],
  timeout: [
    'Das Fiskalgerät antwortet nicht rechtzeitig.',
    'Aus- und einschalten. Es wird von selbst weiter gesucht.',
    'Il dispositivo fiscale non risponde in tempo.',
    'Spegnerlo e riaccenderlo. Viene ricercato da solo.',
  ],
  garbled: [
    'Das Fiskalgerät antwortet etwas, das keine Antwort ist.',
    'Kabel und Baudrate prüfen, und ob ein anderes Programm es benutzt.',
    'Il dispositivo fiscale risponde in modo incomprensibile.',
    'Controllare cavo, velocità e se un altro programma lo usa.',
  ],
  'device-missing': [
    'In der Konfiguration steht kein Gerät mit dieser Kennung oder eines von anderer Art, und Kassen hängen davon ab: nichts davon wird signiert oder gedruckt.',
    'Ihm in „devices“ diese Kennung wiedergeben und den Agenten neu starten; eine TSE, an deren Stelle eine andere tritt, muss dort stehen bis zu fiskal-edge device retire ID --reason TEXT.',
    'Nella configurazione non c’è un dispositivo con questo id, o ce n’è uno di altro tipo, e delle casse ne dipendono: nulla di loro viene firmato o stampato.',
    'Ridargli quell’id in «devices» e riavviare l’agente; un dispositivo sostituito da un altro deve restarvi fino a fiskal-edge device retire ID --reason TEXT.',
  ],
  foreign: [
    'Ein anderes Fiskalgerät steckt, als zu diesem Geschäft gehört.',
    'Das richtige einstecken. Tritt eine Karte oder ein Drucker für immer an seine Stelle: fiskal-edge device init ID; ist eine TSE verloren: fiskal-edge device retire ID --reason TEXT.',
    'È collegato un dispositivo fiscale diverso da quello di questo negozio.',
    'Collegare quello giusto. Se una carta o una stampante ne prende il posto per sempre: fiskal-edge device init ID; se una TSE è perduta: fiskal-edge device retire ID --reason TEXT.',
  ],
  retired: [
    'Die TSE, die steckt, wurde außer Betrieb genommen: mit ihr wird nichts signiert.',
    'Die einstecken, die an ihre Stelle tritt; gehen ihre Kassen mit einem anderen Gerät weiter, ihren Eintrag aus "devices" nehmen und den Agenten neu starten.',
    'Il dispositivo collegato è stato messo fuori uso: non firma più nulla.',
    'Collegare quello che ne prende il posto; se le sue casse continuano con un altro dispositivo, togliere la sua voce da "devices" e riavviare l’agente.',
  ],
  ahead: [
    'Die TSE hat signiert, was das Journal nicht kennt: eine alte Sicherung wurde eingespielt, oder eine andere Kopie verkauft.',
    'Sicherstellen, dass keine andere Maschine damit verkauft; dann fiskal-edge device adopt ID.',
    'Il dispositivo ha firmato ciò che il giornale non conosce: è stata ripristinata una vecchia copia, o un’altra copia vende.',
    'Assicurarsi che nessun’altra macchina venda con esso; poi fiskal-edge device adopt ID.',
  ],
  set_back: [
    'Der Speicher der TSE ist älter als das Journal: er wurde mit seiner Platte zurückgesetzt oder ist eine Kopie und vergäbe Nummern doppelt.',
    'Sicherstellen, dass keine andere Maschine damit verkauft; dann fiskal-edge device adopt ID.',
    'La memoria del dispositivo è più vecchia del giornale: è stata riportata indietro con il suo disco, o è una copia, e darebbe numeri due volte.',
    'Assicurarsi che nessun’altra macchina venda con esso; poi fiskal-edge device adopt ID.',
  ],
  not_initialised: [
    'Das Fiskalgerät wurde nie eingerichtet.',
    'fiskal-edge device init ID.',
    'Il dispositivo fiscale non è mai stato inizializzato.',
    'fiskal-edge device init ID.',
  ],
  disabled: [
    'Das Fiskalgerät wurde endgültig außer Betrieb genommen.',
    'fiskal-edge device archive ID holt seine Aufzeichnungen heraus. Ein neues bestellen; dann übergibt ihm fiskal-edge device retire ID --reason TEXT die Kassen.',
    'Il dispositivo fiscale è stato disattivato per sempre.',
    'fiskal-edge device archive ID ne estrae le registrazioni. Ordinarne uno nuovo; poi fiskal-edge device retire ID --reason TEXT gli passa le casse.',
  ],
  pin_wrong: [
    'Die PIN des Fiskalgeräts ist falsch. Sie wird nicht noch einmal versucht, damit es nicht gesperrt wird.',
    'PIN-Datei berichtigen; dann fiskal-edge device status ID.',
    'Il PIN del dispositivo fiscale è errato. Non viene riprovato, per non bloccarlo.',
    'Correggere il file del PIN; poi fiskal-edge device status ID.',
  ],
  pin_locked: [
    'Die PIN des Fiskalgeräts ist gesperrt.',
    'Mit der PUK entsperren, mit dem Werkzeug des Herstellers.',
    'Il PIN del dispositivo fiscale è bloccato.',
    'Sbloccarlo con il PUK, con lo strumento del produttore.',
  ],
  self_test_due: [
    'Das Fiskalgerät verlangt einen Selbsttest.',
    'fiskal-edge device self-test ID.',
    'Il dispositivo fiscale richiede un autotest.',
    'fiskal-edge device self-test ID.',
  ],
  time_not_set: [
    'Das Fiskalgerät hat keine Zeit.',
    'Zeit dieser Maschine prüfen; dann fiskal-edge device set-time ID.',
    "Il dispositivo fiscale non ha l'ora.",
    "Controllare l'ora di questa macchina; poi fiskal-edge device set-time ID.",
  ],
  memory_full: [
    'Der Speicher des Fiskalgeräts ist voll: es zeichnet nichts mehr auf.',
    'TSE: fiskal-edge device archive ID --delete leert sie. Drucker: der Techniker tauscht den Speicher.',
    'La memoria del dispositivo fiscale è piena: non registra più nulla.',
    'TSE: fiskal-edge device archive ID --delete la svuota. Stampante: il tecnico cambia la memoria.',
  ],
  memory_low: [
    'Der Speicher des Fiskalgeräts wird voll.',
    'TSE: fiskal-edge device archive ID --delete leert sie. Drucker: Tausch des Speichers bestellen.',
    'La memoria del dispositivo fiscale si sta riempiendo.',
    'TSE: fiskal-edge device archive ID --delete la svuota. Stampante: ordinare il cambio della memoria.',
  ],
  foreign_transactions: [
    'Jemand anders hat auf dieser TSE offene Transaktionen.',
    'An der Kasse abschließen, die sie begonnen hat; gibt es die nicht mehr: fiskal-edge device end-foreign ID.',
    'Qualcun altro ha transazioni aperte su questa TSE.',
    'Chiuderle alla cassa che le ha aperte; se non c’è più: fiskal-edge device end-foreign ID.',
  ],
  signatures_low: [
    'Das Fiskalgerät hat nur noch wenige Signaturen.',
    'Ein neues bestellen.',
    'Al dispositivo fiscale restano poche firme.',
    'Ordinarne uno nuovo.',
  ],
  signatures_exhausted: [
    'Das Fiskalgerät hat keine Signatur mehr.',
    'Ein neues einstecken, dann fiskal-edge device init ID; einer TSE übergibt fiskal-edge device retire ID --reason TEXT die Kassen.',
    'Il dispositivo fiscale non ha più firme.',
    'Collegarne uno nuovo, poi fiskal-edge device init ID; a una TSE passa le casse fiskal-edge device retire ID --reason TEXT.',
  ],
  replacement_needed: [
    'Das Fiskalgerät meldet, dass sein Speicher verschlissen ist und es ersetzt werden muss. Noch signiert es.',
    'Jetzt ein neues bestellen. Ist es da: fiskal-edge device archive ID holt die Protokolle heraus, fiskal-edge device retire ID --reason TEXT übergibt die Kassen an das neue.',
    'Il dispositivo fiscale segnala che la sua memoria è usurata e che va sostituito. Per ora firma ancora.',
    "Ordinarne subito uno nuovo. Quando c'è: fiskal-edge device archive ID ne estrae i registri, fiskal-edge device retire ID --reason TEXT passa le casse al nuovo.",
  ],
  transactions_many: [
    'Es sind fast so viele Verkäufe offen, wie die TSE gleichzeitig annimmt.',
    'Abschließen oder abbrechen, was niemand mehr braucht (GET /v1/operations?status=open).',
    'Sono aperte quasi tante vendite quante la TSE ne accetta insieme.',
    'Concludere o annullare quelle che non servono più (GET /v1/operations?status=open).',
  ],
  transaction_limit: [
    'So viele Verkäufe sind offen, wie die TSE annimmt: sie signiert keinen, der jetzt beginnt.',
    'Die offenen abschließen oder abbrechen (GET /v1/operations?status=open); die anderer Programme: fiskal-edge device end-foreign ID.',
    'Sono aperte tante vendite quante ne accetta la TSE: non firma quelle che iniziano ora.',
    'Concludere o annullare quelle aperte (GET /v1/operations?status=open); quelle di altri programmi: fiskal-edge device end-foreign ID.',
  ],
  certificate_expiring: [
    'Das Zertifikat des Fiskalgeräts läuft ab.',
    'Vor diesem Tag ein neues Gerät bestellen.',
    'Il certificato del dispositivo fiscale sta per scadere.',
    'Ordinare un nuovo dispositivo prima di quel giorno.',
  ],
  certificate_expired: [
    'Das Zertifikat des Fiskalgeräts ist abgelaufen.',
    'Ein neues einstecken, dann fiskal-edge device init ID; einer TSE übergibt fiskal-edge device retire ID --reason TEXT die Kassen.',
    'Il certificato del dispositivo fiscale è scaduto.',
    'Collegarne uno nuovo, poi fiskal-edge device init ID; a una TSE passa le casse fiskal-edge device retire ID --reason TEXT.',
  ],
  clock_skew: [
    'Die Uhren von Gerät und Maschine gehen auseinander.',
    'Zeit dieser Maschine prüfen, dann die des Geräts stellen (TSE: fiskal-edge device set-time ID).',
    'Gli orologi di dispositivo e macchina divergono.',
    "Controllare l'ora di questa macchina, poi impostare quella del dispositivo.",
  ],
  clock_wrong: [
    'Die Uhr des Druckers ist nicht gestellt oder steht vor seinem letzten Beleg: er druckt keinen.',
    'Mit der richtigen Zeit vergleichen; geht sie falsch, den Techniker des Druckers rufen. Danach druckt er von selbst wieder.',
    "L'orologio della stampante non è regolato o è anteriore al suo ultimo documento: non ne stampa alcuno.",
    "Confrontarlo con l'ora esatta; se è sbagliato, chiamare il tecnico. Poi la stampante riprende da sola.",
  ],
  paper_low: [
    'Das Papier des Druckers geht zu Ende.',
    'Eine Rolle bereitlegen.',
    'La carta della stampante sta per finire.',
    'Tenere pronto un rotolo.',
  ],
  paper_out: [
    'Der Drucker hat kein Papier.',
    'Eine Rolle einlegen.',
    'La stampante è senza carta.',
    'Inserire un rotolo.',
  ],
  cover_open: [
    'Der Deckel des Druckers ist offen.',
    'Schließen.',
    'Il coperchio della stampante è aperto.',
    'Chiuderlo.',
  ],
  closure_due: [
    'Der Tag des Druckers ist seit mehr als 24 Stunden offen.',
    'Tagesabschluss machen.',
    'La giornata della stampante è aperta da più di 24 ore.',
    'Fare la chiusura giornaliera.',
  ],
  transmission_pending: [
    'Viele Dateien des Druckers warten auf das Finanzamt.',
    'Netzanschluss des Druckers prüfen: an seiner Grenze verkauft er nicht mehr.',
    "Molti file della stampante attendono l'invio all'Agenzia delle Entrate.",
    'Controllare la rete della stampante: al limite non vende più.',
  ],
  transmission_due: [
    'Eine Datei des Druckers wartet schon lange auf das Finanzamt.',
    'Netzanschluss des Druckers prüfen: das Gesetz gibt ihm 12 Tage.',
    "Un file della stampante attende da tempo l'invio.",
    'Controllare la rete della stampante: la legge concede 12 giorni.',
  ],
  periodic_check_due: [
    'Die wiederkehrende Prüfung des Druckers ist fällig.',
    'Seinen Techniker rufen.',
    'La verifica periodica della stampante è dovuta.',
    'Chiamare il tecnico.',
  ],
  undecidable: [
    'Der Drucker kann nicht sagen, ob er einen Beleg gedruckt hat: seither kamen andere. Bis jemand es sagt, verkauft er nicht.',
    'Sein Papier ansehen; danach fiskal-edge device settle ID, mit --printed NUMMER oder --not-printed.',
    'La stampante non può dire se ha stampato un documento: dopo ne ha stampati altri. Finché qualcuno non lo dice, non vende.',
    'Guardare la carta; poi fiskal-edge device settle ID, con --printed NUMERO o --not-printed.',
  ],
  print_uncertain: [
    'Eine Antwort des Druckers ging verloren, und ein gleicher Beleg kann von jemand anderem sein: das Papier ansehen.',
    'fiskal-edge task list nennt den Beleg und sagt, was zu tun ist; danach fiskal-edge task confirm ID.',
    "Una risposta della stampante è andata persa, e un documento uguale può essere d'altri: guardare la carta.",
    'fiskal-edge task list indica il documento e che cosa fare; poi fiskal-edge task confirm ID.',
  ],
  printer_exchanged: [
    'Ein Drucker wurde getauscht, bevor er sagte, ob er einen Beleg gedruckt hat: sein Papier ansehen.',
    'fiskal-edge task list nennt den Beleg und sagt, was zu tun ist; danach fiskal-edge task confirm ID.',
    'Una stampante è stata sostituita prima di dire se aveva stampato un documento: guardare la sua carta.',
    'fiskal-edge task list indica il documento e che cosa fare; poi fiskal-edge task confirm ID.',
  ],
  annulment_due: [
    'Ein Stromausfall hat aus einem reso einen Verkauf gemacht, und der Drucker wollte ihn nicht annullieren.',
    'fiskal-edge task list nennt den Verkauf: an den Tasten des Druckers annullieren; danach fiskal-edge task confirm ID.',
    'Una mancanza di corrente ha fatto di un reso una vendita, e la stampante non ha voluto annullarla.',
    'fiskal-edge task list indica la vendita: annullarla ai tasti della stampante; poi fiskal-edge task confirm ID.',
  ],
  sale_annulled: [
    'Ein Stromausfall hat aus einem reso einen Verkauf gemacht; der Drucker hat ihn sofort annulliert.',
    'fiskal-edge task list nennt die Belege, die aufzuheben sind; danach fiskal-edge task confirm ID.',
    "Una mancanza di corrente ha fatto di un reso una vendita; la stampante l'ha annullata subito.",
    'fiskal-edge task list indica i documenti da conservare; poi fiskal-edge task confirm ID.',
  ],
  out_of_service: [
    'Der Drucker ist nicht in Betrieb.',
    'Seinen Techniker rufen.',
    'La stampante non è in servizio.',
    'Chiamare il tecnico.',
  ],
  outage: [
    'Die Signatureinrichtung ist ausgefallen; wo keine andere für sie signiert, sagen es die Belege.',
    'Karte und Leser prüfen. Sie wird von selbst weiter gesucht.',
    'Il dispositivo di firma non risponde; dove nessun altro firma al suo posto, gli scontrini lo riportano.',
    'Controllare carta e lettore. Viene ricercato da solo.',
  ],
  outage_report_due: [
    'Die Signatureinrichtung ist seit 48 Stunden ausgefallen.',
    'Den Ausfall in FinanzOnline melden (§ 17 RKSV).',
    'Il dispositivo di firma è fuori uso da 48 ore.',
    'Segnalare il guasto in FinanzOnline (§ 17 RKSV).',
  ],
  outage_report_urgent: [
    'Die Signatureinrichtung ist seit sechs Tagen ausgefallen.',
    'Den Ausfall heute in FinanzOnline melden (§ 17 RKSV).',
    'Il dispositivo di firma è fuori uso da sei giorni.',
    'Segnalare oggi il guasto in FinanzOnline (§ 17 RKSV).',
  ],
}

/** @param {{ code: string, what: string, mend: string, device?: string, target?: string }} warning */
export function wordsOfWarning({ code, what, mend, ...of }) {
  const words = WORDS[code]
  if (words === undefined || language() === 'en') return { what, mend }
  const [germanWhat, germanMend, italianWhat, italianMend] = words
  return language() === 'de'
    ? { what: germanWhat, mend: completed(germanMend, of) }
    : { what: italianWhat, mend: completed(italianMend, of) }
}

/**
 * With the device or target of this case in the commands, so that they can be typed as they stand; in English the agent
 * has done it.
 * @param {string} mend
 * @param {{ device?: string, target?: string }} of
 */
function completed(mend, { device, target }) {
  return mend
    .replaceAll(/(?<=fiskal-edge device [a-z-]+ )ID\b/g, (id) => device ?? id)
    .replaceAll(/(?<=fiskal-edge sync [a-z-]+ )TARGET\b/g, (id) => target ?? id)
}
