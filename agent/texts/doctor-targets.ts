import type { Translations } from './text.ts'

/** Sentences of `doctor` about channels of alerts and targets of the journal. */
export const TARGET_TEXTS: Translations = {
  // Channels.
  connection: ['Verbindung', 'connessione'],
  certificate: ['Zertifikat', 'certificato'],
  login: ['Anmeldung', 'accesso'],
  'the agent tries again automatically': [
    'der Agent versucht es automatisch erneut',
    'l’agente riprova automaticamente',
  ],
  'for that recipient alone': ['nur für diesen Empfänger', 'solo per quel destinatario'],
  'the server has no such hook': ['der Server kennt diese Adresse nicht', 'il server non conosce questo indirizzo'],
  'the server redirects': ['der Server leitet um', 'il server reindirizza'],
  'put the address that it names into "url"': [
    'die genannte Adresse in „url“ eintragen',
    'mettere in "url" l’indirizzo che indica',
  ],
  'its operator must verify the signature with the secret in "secretFile"': [
    'sein Betreiber muss die Signatur mit dem Geheimnis in „secretFile“ prüfen',
    'il gestore deve verificare la firma con il segreto di "secretFile"',
  ],
  'a proxy or firewall on the way may also answer this': [
    'auch ein Proxy oder eine Firewall auf dem Weg kann so antworten',
    'può rispondere così anche un proxy o un firewall nel mezzo',
  ],
  'correct "from" and "to" of "alerts.mail"': [
    '„from“ und „to“ in „alerts.mail“ berichtigen',
    'correggere "from" e "to" di "alerts.mail"',
  ],
  'many servers accept only the address of the login as "from"': [
    'viele Server nehmen als „from“ nur die Adresse der Anmeldung an',
    'molti server accettano come "from" solo l’indirizzo dell’accesso',
  ],
  'save that file again, and let the agent read it': [
    'diese Datei neu speichern und für den Agenten lesbar machen',
    'salvare di nuovo quel file e renderlo leggibile all’agente',
  ],
  'in "alerts.mail", use "security": "tls" with port 465, "starttls" with port 587, or as its operator says': [
    'in „alerts.mail“ "security": "tls" mit Port 465, „starttls“ mit Port 587 oder wie der Betreiber es nennt',
    'in "alerts.mail" usare "security": "tls" con la porta 465, "starttls" con la 587 o come indica il gestore',
  ],
  'if both are right, a firewall holds the connection': [
    'stimmt beides, hält eine Firewall die Verbindung auf',
    'se entrambi sono giusti, un firewall blocca la connessione',
  ],
  'set "heloName" of "alerts.mail" to the public name of this line, or use port 587 with a login': [
    '„heloName“ in „alerts.mail“ auf den öffentlichen Namen dieser Leitung setzen oder Port 587 mit Anmeldung verwenden',
    'impostare "heloName" di "alerts.mail" al nome pubblico di questa linea o usare la porta 587 con accesso',
  ],
  'correct that address in "to" of "alerts.mail"': [
    'diese Adresse in „to“ von „alerts.mail“ berichtigen',
    'correggere quell’indirizzo in "to" di "alerts.mail"',
  ],
  'the other recipients have the message': [
    'die anderen Empfänger haben die Nachricht',
    'gli altri destinatari hanno il messaggio',
  ],
  'the server defers new senders (greylisting) or is busy': [
    'der Server lässt neue Absender warten (Greylisting) oder ist ausgelastet',
    'il server rinvia i nuovi mittenti (greylisting) o è occupato',
  ],
  'the server is busy': ['der Server ist ausgelastet', 'il server è occupato'],
  'the server has no space': ['der Server hat keinen Platz', 'il server non ha spazio'],
  'the server requires a login': ['der Server verlangt eine Anmeldung', 'il server richiede un accesso'],
  'add "user" and "passwordFile" to "alerts.mail"': [
    '„user“ und „passwordFile“ in „alerts.mail“ eintragen',
    'aggiungere "user" e "passwordFile" ad "alerts.mail"',
  ],
  'many providers require an app password': [
    'viele Anbieter verlangen ein App-Passwort',
    'molti fornitori richiedono una password per le app',
  ],
  'put one into the "passwordFile" of "alerts.mail"': [
    'eines ins „passwordFile“ von „alerts.mail“ schreiben',
    'metterne una nel "passwordFile" di "alerts.mail"',
  ],
  'correct "user" or the "passwordFile" of "alerts.mail"': [
    '„user“ oder das „passwordFile“ von „alerts.mail“ berichtigen',
    'correggere "user" o il "passwordFile" di "alerts.mail"',
  ],
  'a proxy on the way answers': ['ein Proxy auf dem Weg antwortet', 'risponde un proxy nel mezzo'],
  'let this machine reach that host directly': [
    'diesen Rechner den Server direkt erreichen lassen',
    'far raggiungere direttamente il server a questa macchina',
  ],
  'the server asks to wait': ['der Server bittet zu warten', 'il server chiede di attendere'],
  'put the certificate of the authority (PEM) into the "caFile" of that channel': [
    'das Zertifikat der Stelle (PEM) ins „caFile“ dieses Kanals legen',
    'mettere il certificato dell’autorità (PEM) nel "caFile" di quel canale',
  ],
  'save that file again': ['diese Datei neu speichern', 'salvare di nuovo quel file'],
  'the secret alone, on its first line': [
    'nur das Geheimnis, in der ersten Zeile',
    'solo il segreto, nella prima riga',
  ],
  'a program that is not a webhook may listen there: is "url" right?': [
    'dort lauscht vielleicht ein anderes Programm: stimmt „url“?',
    'forse lì ascolta un altro programma: "url" è giusto?',
  ],
  'check the network and the address': ['Netz und Adresse prüfen', 'controllare rete e indirizzo'],
  'many providers block port 25': ['viele Anbieter sperren Port 25', 'molti fornitori bloccano la porta 25'],
  'the server uses no TLS there': ['der Server spricht dort kein TLS', 'lì il server non usa TLS'],
  'the "caFile" of that channel': ['das „caFile“ dieses Kanals', 'il "caFile" di quel canale'],
  'correct the entry of that channel': ['den Eintrag dieses Kanals berichtigen', 'correggere la voce di quel canale'],
  // Targets.
  current: ['aktuell', 'aggiornata'],
  behind: ['im Rückstand', 'in ritardo'],
  offline: ['nicht erreichbar', 'non raggiungibile'],
  stalled: ['angehalten', 'ferma'],
  forked: ['gegabelt', 'biforcata'],
  '{} events wait': ['{} Ereignisse warten', '{} eventi in attesa'],
  'the oldest waits for more than 15 minutes': [
    'das älteste seit mehr als 15 Minuten',
    'il più vecchio da più di 15 minuti',
  ],
  'the oldest waits for more than 24 hours': [
    'das älteste seit mehr als 24 Stunden',
    'il più vecchio da più di 24 ore',
  ],
  'start the agent': ['den Agenten starten', 'avviare l’agente'],
  'it sends them': ['er sendet sie', 'li invia'],
  '{}: the token of a receiver is issued to it': [
    '{}: darauf wird das Token eines Empfängers ausgestellt',
    '{}: a questo si rilascia il token di un ricevitore',
  ],
  'begins at the first start': ['beginnt beim ersten Start', 'comincia al primo avvio'],
  'is the disk there? {}': ['ist die Platte da? {}', 'il disco c’è? {}'],
  'check network, {}': ['prüfen: Netz, {}', 'controllare rete, {}'],
  'address, {} and client certificate': ['Adresse, {} und Client-Zertifikat', 'indirizzo, {} e certificato client'],
  token: ['Token', 'token'],
  'address and {}': ['Adresse und {}', 'indirizzo e {}'],
  'one of the two clocks is wrong': ['eine der beiden Uhren geht falsch', 'uno dei due orologi è sbagliato'],
  'this machine\'s if "time source" reports it, else that of the target': [
    'die dieses Rechners, wenn „Zeitquelle“ es meldet, sonst die des Ziels',
    'quello di questa macchina se lo segnala "sorgente dell’ora", altrimenti quello della destinazione',
  ],
  'nothing is lost': ['nichts ist verloren', 'nulla è perduto'],
  'the agent retries automatically, and at once when the cause is fixed': [
    'der Agent versucht es automatisch erneut, sofort nach Behebung mit',
    'l’agente riprova automaticamente, subito a causa risolta con',
  ],
  'another copy of this journal continues there': [
    'eine andere Kopie dieses Journals läuft dort weiter',
    'lì prosegue un’altra copia di questo registro',
  ],
  'find that machine and stop one of the two': [
    'diesen Rechner finden und einen der beiden anhalten',
    'trovare quella macchina e fermare una delle due',
  ],
  'If this one is to stay': ['Soll dieser bleiben', 'Se resta questa'],
  'fiskal-edge journal epoch --above N, the epoch that it has there': [
    'fiskal-edge journal epoch --above N, die dortige Epoche',
    'fiskal-edge journal epoch --above N, l’epoca che ha lì',
  ],
  'another copy of this journal has sold, or has shut them out': [
    'eine andere Kopie dieses Journals hat verkauft oder sie ausgesperrt',
    'un’altra copia di questo registro ha venduto o li ha esclusi',
  ],
  'find it and stop one of the two': ['sie finden und eine der beiden anhalten', 'trovarla e fermare una delle due'],
  'once it is clear': ['sobald es klar ist', 'una volta chiarito'],
  'two copies of this journal have sold': [
    'zwei Kopien dieses Journals haben verkauft',
    'due copie di questo registro hanno venduto',
  ],
  'find the other one (fiskal-edge duty list)': [
    'die andere finden (fiskal-edge duty list)',
    'trovare l’altra (fiskal-edge duty list)',
  ],
  'the log shows what prevents the backup': [
    'das Protokoll zeigt, was die Sicherung verhindert',
    'il log mostra che cosa impedisce la copia',
  ],
  'our clock is {} s off': ['unsere Uhr geht um {} s falsch', 'il nostro orologio sbaglia di {} s'],
  '{} of an earlier epoch never get there': [
    '{} einer früheren Epoche kommen nie an',
    '{} di un’epoca precedente non arrivano mai',
  ],
  '{} of an earlier epoch dismissed': [
    '{} einer früheren Epoche zurückgestellt',
    '{} di un’epoca precedente accantonati',
  ],
  'it takes no backups': ['es nimmt keine Sicherungen an', 'non accetta copie'],
  'backup of {}Z {}': ['Sicherung vom {}Z {}', 'copia del {}Z {}'],
  'its certificate is of an authority that this machine does not know': [
    'sein Zertifikat ist von einer Stelle, die dieser Rechner nicht kennt',
    'il certificato è di un’autorità che questa macchina non conosce',
  ],
  'name it in {}': ['sie in {} nennen', 'indicarla in {}'],
  'the target\'s "tls": { "caFile": … }': [
    '"tls": { "caFile": … } des Ziels',
    '"tls": { "caFile": … } della destinazione',
  ],
  "its certificate is not valid today: is this machine's clock right? Then its operator must renew it": [
    'sein Zertifikat gilt heute nicht: geht die Uhr dieses Rechners richtig? Dann muss der Betreiber es erneuern',
    'il certificato oggi non vale: l’orologio di questa macchina è giusto? Allora il gestore deve rinnovarlo',
  ],
  'a proxy answers, and its receiver does not': [
    'ein Proxy antwortet, der Empfänger dahinter nicht',
    'risponde un proxy, non il suo ricevitore',
  ],
  'its operator must check it': ['der Betreiber muss es prüfen', 'il gestore deve controllarlo'],
  'a program that is not a receiver answers there: a network that wants a login first, or another service? Is {} right?':
    [
      'dort antwortet kein Empfänger: ein Netz, das erst eine Anmeldung will, oder ein anderer Dienst? Stimmt {}?',
      'lì non risponde un ricevitore: una rete che chiede prima l’accesso o un altro servizio? {} è giusto?',
    ],
  'the disk is full': ['die Platte ist voll', 'il disco è pieno'],
  'free space on it, or replace it with a larger one': [
    'Platz schaffen oder durch eine größere ersetzen',
    'liberare spazio o sostituirlo con uno più grande',
  ],
  'stored events are kept': ['gespeicherte Ereignisse bleiben', 'gli eventi salvati restano'],
  'its answer is impossible, and nothing counts as stored': [
    'seine Antwort ist unmöglich, und nichts gilt als gespeichert',
    'la risposta è impossibile, e nulla vale come salvato',
  ],
  'host name not found': ['Rechnername nicht gefunden', 'nome host non trovato'],
  'correct it in {}, or check DNS': ['in {} berichtigen oder DNS prüfen', 'correggerlo in {} o controllare il DNS'],
  'the name server does not answer: is the line to the internet up, and are the servers in /etc/resolv.conf right?': [
    'der Nameserver antwortet nicht: steht die Internetleitung, und stimmen die Server in /etc/resolv.conf?',
    'il server dei nomi non risponde: la linea internet funziona, e i server in /etc/resolv.conf sono giusti?',
  ],
  'a proxy or a firewall on the way answers, not the receiver': [
    'ein Proxy oder eine Firewall auf dem Weg antwortet, nicht der Empfänger',
    'risponde un proxy o un firewall nel mezzo, non il ricevitore',
  ],
  'let this machine reach {} directly, or log in to that network': [
    'diesen Rechner {} direkt erreichen lassen oder in jenem Netz anmelden',
    'far raggiungere {} direttamente a questa macchina o accedere a quella rete',
  ],
  'put a token of this agent into the "tokenFile"': [
    'ein Token dieses Agenten ins „tokenFile“ legen',
    'mettere un token di questo agente nel "tokenFile"',
  ],
  'the operator of the receiver creates one (fiskal-edge receiver token agent AGENT_ID)': [
    'der Betreiber des Empfängers erstellt eines (fiskal-edge receiver token agent AGENT_ID)',
    'il gestore del ricevitore ne crea uno (fiskal-edge receiver token agent AGENT_ID)',
  ],
  'its certificate is for another name': [
    'sein Zertifikat gilt für einen anderen Namen',
    'il certificato vale per un altro nome',
  ],
  'use that name in {}, or have its operator make one for this name': [
    'jenen Namen in {} verwenden oder den Betreiber eines für diesen ausstellen lassen',
    'usare quel nome in {} o farne emettere uno per questo dal gestore',
  ],
  "it requires a client certificate: name one in the target's {}": [
    'es verlangt ein Client-Zertifikat: in der Angabe des Ziels eines nennen: {}',
    'richiede un certificato client: indicarne uno nella voce della destinazione: {}',
  ],
  'the server does not support TLS 1.2 or 1.3: are host and port in {} right?': [
    'der Server kann weder TLS 1.2 noch 1.3: stimmen Rechner und Port in {}?',
    'il server non supporta TLS 1.2 né 1.3: host e porta in {} sono giusti?',
  ],
  'nothing listens there: are host and port in {} right, and does the receiver run?': [
    'dort antwortet nichts: stimmen Rechner und Port in {}, und läuft der Empfänger?',
    'lì non ascolta nulla: host e porta in {} sono giusti, e il ricevitore è attivo?',
  ],
  'this agent belongs to another tenant of the receiver: its operator must move it (fiskal-edge receiver agent move AGENT_ID)':
    [
      'dieser Agent gehört zu einem anderen Mandanten des Empfängers: der Betreiber muss ihn verschieben (fiskal-edge receiver agent move AGENT_ID)',
      'questo agente appartiene a un altro cliente del ricevitore: il gestore deve spostarlo (fiskal-edge receiver agent move AGENT_ID)',
    ],
  'the server is not a receiver: is {} right, with the path of a proxy?': [
    'der Server ist kein Empfänger: stimmt {}, mit dem Pfad eines Proxys?',
    'il server non è un ricevitore: {} è giusto, con il percorso di un proxy?',
  ],
  'save that file again, the token alone on its first line': [
    'diese Datei neu speichern, nur das Token in der ersten Zeile',
    'salvare di nuovo quel file, solo il token nella prima riga',
  ],
  'put the certificate of the authority that the target is of into that file (PEM)': [
    'das Zertifikat der Stelle des Ziels in diese Datei legen (PEM)',
    'mettere in quel file il certificato dell’autorità della destinazione (PEM)',
  ],
  'if its operator replaced the key, put the new one into "spkiSha256"': [
    'hat der Betreiber den Schlüssel ersetzt, den neuen in „spkiSha256“ eintragen',
    'se il gestore ha sostituito la chiave, mettere la nuova in "spkiSha256"',
  ],
  'if not, another machine intercepts the connection': [
    'sonst liest ein anderer Rechner die Verbindung mit',
    'altrimenti un’altra macchina intercetta la connessione',
  ],
  'the agent sends them again automatically': [
    'der Agent sendet sie automatisch erneut',
    'l’agente li invia di nuovo automaticamente',
  ],
  'if it loses them repeatedly, its operator must check its disk and database': [
    'verliert es sie wiederholt, muss der Betreiber Platte und Datenbank prüfen',
    'se li perde ripetutamente, il gestore deve controllare disco e database',
  ],
  'it is up and asks to wait': ['es läuft und bittet zu warten', 'è attiva e chiede di attendere'],
  'if that lasts, its log shows its operator why': [
    'dauert das an, zeigt sein Protokoll dem Betreiber, warum',
    'se dura, il log mostra al gestore il perché',
  ],
  'the server refuses this agent: is "credsFile" that of its user, and may that one publish there and read the stream?':
    [
      'der Server weist diesen Agenten ab: gehört „credsFile“ zu seinem Benutzer, und darf der dort veröffentlichen und den Stream lesen?',
      'il server rifiuta questo agente: "credsFile" è del suo utente, e questi può pubblicare lì e leggere lo stream?',
    ],
  'the server has no such stream: are "stream" and "shards" right? Else its operator must create it': [
    'der Server hat diesen Stream nicht: stimmen „stream“ und „shards“? Sonst muss der Betreiber ihn anlegen',
    'il server non ha quello stream: "stream" e "shards" sono giusti? Altrimenti il gestore deve crearlo',
  ],
  'too few of its servers are up, or reach each other': [
    'zu wenige Server laufen oder erreichen einander',
    'troppo pochi server sono attivi o si raggiungono',
  ],
  'their operator must check them': ['der Betreiber muss sie prüfen', 'il gestore deve controllarli'],
  'the stream has lost messages': ['der Stream hat Nachrichten verloren', 'lo stream ha perso messaggi'],
  'the operator of the server must restore them from a backup and forbid deleting any (deny_delete, deny_purge)': [
    'der Betreiber des Servers muss sie aus einer Sicherung zurückholen und das Löschen verbieten (deny_delete, deny_purge)',
    'il gestore del server deve ripristinarli da una copia e vietarne l’eliminazione (deny_delete, deny_purge)',
  ],
  'the stream is full': ['der Stream ist voll', 'lo stream è pieno'],
  'the operator of the server must give it more space': [
    'der Betreiber des Servers muss ihm mehr Platz geben',
    'il gestore del server deve dargli più spazio',
  ],
  'the operator of the server must make the stream keep everything: in files, no age, no discarding': [
    'der Betreiber des Servers muss den Stream alles aufbewahren lassen: in Dateien, ohne Frist, ohne Verwerfen',
    'il gestore del server deve far conservare tutto allo stream: su file, senza scadenza, senza scarti',
  ],
  'the server has no JetStream for this agent': [
    'der Server hat für diesen Agenten kein JetStream',
    'il server non ha JetStream per questo agente',
  ],
  'its operator must enable it': ['der Betreiber muss es einschalten', 'il gestore deve attivarlo'],
  'the disk takes no writing': ['die Platte lässt sich nicht beschreiben', 'il disco non accetta scritture'],
  'look at its switch, or how it is mounted': [
    'ihren Schalter prüfen, oder wie sie eingehängt ist',
    'guardare il suo interruttore o come è montato',
  ],
  'the disk fails': ['die Platte ist defekt', 'il disco è guasto'],
  'replace it': ['ersetzen', 'sostituirlo'],
  'the new one then gets everything': ['die neue bekommt dann alles', 'quello nuovo riceve poi tutto'],
  'it fails': ['es scheitert', 'non funziona'],
  'its log shows its operator why': ['sein Protokoll zeigt dem Betreiber, warum', 'il log mostra al gestore il perché'],
}
