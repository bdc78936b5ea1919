#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Scenario S1, called by demo.sh: s1.sh BIN LAB WORK. Every sentence that is sent also goes into a list of needles, for
# which everything the broker holds is searched at the end.
set -euo pipefail
bin=$1 lab=$2 work=$3
convenant=policies/convenants/arnhem.yaml
needles=$work/needles
: > "$needles"
steps=14
step=0
step() { step=$((step + 1)); printf '[%d/%d] %s\n' $step $steps "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

# as PARTY/HANDLE ARGUMENT…: the client of one member, JSON on stdout.
as() {
  local profile
  profile=$(jq -r --arg who "$1" '.profiles[$who]' "$lab/lab.json")
  shift
  "$bin/seinpost" --json --profile "$profile" --passphrase-file "$(jq -r .passphrase_file "$lab/lab.json")" "$@"
}
sent() { jq -er .signal_id <<< "$1"; }
secret() { printf '%s\n' "$@" >> "$needles"; }

# refused PARTY/HANDLE CODE ARGUMENT…: the same question as may-i and as a real send must be refused with that code.
refused() {
  local who=$1 want=$2 code=0 answer question
  shift 2
  answer=$(as "$who" signal send "$@") || code=$?
  [ $code -eq 3 ] || fail "expected the refusal $want, got exit $code: $answer"
  jq -e --arg want "$want" 'any(.reasons[]; .code == $want)' <<< "$answer" > /dev/null || fail "expected $want: $answer"
  question=$(as "$who" may-i "$@") || code=$?
  [ "$(jq -c .reasons <<< "$question")" = "$(jq -c .reasons <<< "$answer")" ] || fail "may-i and send differ on $want"
  jq -r --arg want "$want" '(first(.reasons[] | select(.code == $want))) as $r
    | "      \($r.code) · \($r.file):\($r.line) · \(if (.instead | length) > 0 then .instead[0].text else "geen andere weg" end)"' <<< "$answer"
}

step "lab → one broker, one profile for each member, from $convenant"
"$bin/seinpost" lab up "$convenant" --dir "$lab" >&2
jq -r '.profiles | keys | join(", ")' "$lab/lab.json" | sed 's/^/      /'

jq -n '{first: ["Quirijn"], last: ["Zwanenburg"], nick: ["Kwiekwak"], birth_date: "2010-03-14", numbers: ["88124477"],
  address: "Doddendaalstraat 917", handles: ["@quirijn.zwb"]}' > "$work/identity.json"
secret Quirijn Zwanenburg Kwiekwak 2010-03-14 88124477 "Doddendaalstraat 917" @quirijn.zwb
melder="Het verhaal komt van een leerling die Yfke Bolscher heet."
t1="In een kluisje lag een keukenmes met een geel heft; het mes is ingenomen en de ouders zijn gebeld."
t2="De leerling droeg het mes naar eigen zeggen voor een ruzie bij station Presikhaaf."
why="De wijkagent kent de ruzie en kan vandaag nog langsgaan."
t3="Een moeder vond een groep op Snapchat waarin naar de verklikker wordt gezocht; zie het schermbeeld."
t4="Er is een maatregel genomen; de dreiging van gisteren is voorbij."
printf '%s' "$melder" > "$work/source.txt"
secret "$melder" "Yfke Bolscher" "$t1" "$t2" "$why" "$t3" "$t4"
# A picture of one pixel, with a place in its metadata that must not travel.
printf 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAAHHRFWHRDb21tZW50AEdQUzogNTEuOTc5TiwgNS45MTFFxufX7gAAAAxJREFUeJxj+P//PwAF/gL+De9GuAAAAABJRU5ErkJggg==' \
  | base64 -d > "$work/screen.png"
secret "GPS: 51.979N, 5.911E"

step "SIG-1: school/zorgcoordinator → @core@school-a, L1: narrative, source"
answer=$(as school/zorgcoordinator signal send --channel core@school-a --level L1 --category wapen --purpose dreiging \
  --to @core@school-a --text "$t1" --source "$work/source.txt")
sig1=$(sent "$answer")
case_ref=$(jq -er .case_ref <<< "$answer")

step "SIG-2: school/zorgcoordinator → politie/wijkagent, L2: narrative, identity, justification"
sig2=$(sent "$(as school/zorgcoordinator signal send --channel direct@school-a --level L2 --category wapen --purpose dreiging \
  --case "$case_ref" --to politie/wijkagent --text "$t2" --identity "$work/identity.json" --identity-to politie/wijkagent \
  --justify "$why" --informed yes)")

step "SIG-3: school/teamleider → politie/wijkagent, L2: narrative, attachment, justification"
sig3=$(sent "$(as school/teamleider signal send --channel direct@school-a --level L2 --category wapen --purpose dreiging \
  --case "$case_ref" --to politie/wijkagent,school/zorgcoordinator --text "$t3" --attach "$work/screen.png" \
  --attach-to politie/wijkagent --justify "$why" --informed not-yet)")

step "SIG-4: politie/wijkagent → school/zorgcoordinator, school/teamleider, L1: narrative"
sig4=$(sent "$(as politie/wijkagent signal send --channel direct@school-a --level L1 --category wapen --purpose dreiging \
  --case "$case_ref" --reply-to "$sig2" --to school/zorgcoordinator,school/teamleider --text "$t4")")

step "everybody opens what is addressed to him"
profiles=(school/zorgcoordinator school/teamleider politie/wijkagent sass/coordinator jongerenwerk/jongerenwerker
  wijkteam/medewerker schoolbestuur/privacy-officer gemeente/privacy-officer)
second_school=$(jq -r '.profiles | keys[] | select(startswith("school2/"))' "$lab/lab.json" | head -n 1)
profiles+=("$second_school")
declare -A seen
for who in "${profiles[@]}"; do
  list=$(as "$who" signal list)
  n=0
  for id in "$sig1" "$sig2" "$sig3" "$sig4"; do
    n=$((n + 1))
    if [ "$(jq --arg id "$id" 'any(.[]; .signal_id == $id)' <<< "$list")" = true ]; then
      mkdir "$work/$(tr / - <<< "$who")-$n"
      opened=$(as "$who" signal open "$id" --out "$work/$(tr / - <<< "$who")-$n")
      seen[$who,$n]=$(jq -r '[.parts[].kind] | sort | join("+")' <<< "$opened")
      printf '%s\n' "$opened" > "$work/opened-$(tr / - <<< "$who")-$n.json"
    else
      seen[$who,$n]=-
    fi
  done
done

step "what each sees"
printf '      %-28s %-18s %-34s %-34s %s\n' '' SIG-1 SIG-2 SIG-3 SIG-4
for who in "${profiles[@]}"; do
  printf '      %-28s %-18s %-34s %-34s %s\n' "$who" "${seen[$who,1]}" "${seen[$who,2]}" "${seen[$who,3]}" "${seen[$who,4]}"
done
want() { [ "${seen[$1,$2]}" = "$3" ] || fail "$1 sees '${seen[$1,$2]}' of SIG-$2, not '$3'"; }
want politie/wijkagent 1 narrative
want politie/wijkagent 2 identity+narrative
want politie/wijkagent 3 attachment+narrative
want school/zorgcoordinator 4 narrative
want school/teamleider 1 narrative+source
want sass/coordinator 1 narrative
want sass/coordinator 2 -
want jongerenwerk/jongerenwerker 1 narrative
want jongerenwerk/jongerenwerker 2 -
want wijkteam/medewerker 2 -
want schoolbestuur/privacy-officer 2 justification
want gemeente/privacy-officer 2 justification
for n in 1 2 3 4; do want "$second_school" $n -; done
jq -e --arg text "$t1" 'any(.parts[]; .text == $text)' "$work/opened-sass-coordinator-1.json" > /dev/null || fail "SIG-1 arrived altered"
jq -e 'any(.parts[]; .identity.last[0] == "Zwanenburg")' "$work/opened-politie-wijkagent-2.json" > /dev/null || fail "no name for the police"
picture=$(find "$work/politie-wijkagent-3" -type f | head -n 1)
[ -n "$picture" ] || fail "the picture did not arrive"
! grep -q GPS "$picture" || fail "the picture kept its metadata"

named=(--level L2 --category wapen --purpose dreiging --case "$case_ref" --text "$t2" --justify "$why" --informed yes)
step "refused: school/zorgcoordinator → politie/wijkagent, jongerenwerk/jongerenwerker, L2: narrative, identity (to youth work too)"
refused school/zorgcoordinator LEVEL_EXCEEDED --channel case@school-a "${named[@]}" --to politie/wijkagent,jongerenwerk/jongerenwerker \
  --identity "$work/identity.json" --identity-to politie/wijkagent,jongerenwerk/jongerenwerker
step "refused: school/zorgcoordinator → @case@school-a, L2: narrative, identity (to a whole channel)"
refused school/zorgcoordinator BROADCAST_NAMED --channel case@school-a "${named[@]}" --to politie/wijkagent,wijkteam/medewerker \
  --identity "$work/identity.json" --identity-to @case@school-a
step "refused: school/zorgcoordinator → politie/wijkagent, L1: narrative, source (who told it)"
refused school/zorgcoordinator SOURCE_PROTECTED --channel direct@school-a --level L1 --category wapen --purpose dreiging \
  --case "$case_ref" --to politie/wijkagent --text "$t1" --source "$work/source.txt" --source-to politie/wijkagent
step "refused: school/zorgcoordinator → politie/wijkagent, L1: narrative, attachment; L2 with the name in the narrative"
refused school/zorgcoordinator PART_NOT_ALLOWED --channel core@school-a --level L1 --category wapen --purpose dreiging \
  --case "$case_ref" --to politie/wijkagent --text "$t3" --attach "$work/screen.png" --attach-to politie/wijkagent
refused school/zorgcoordinator IDENTIFIER_IN_PSEUDONYMOUS --channel direct@school-a --level L2 --category wapen --purpose dreiging \
  --case "$case_ref" --to politie/wijkagent --text "Het gaat om Quirijn Zwanenburg." --identity "$work/identity.json" \
  --identity-to politie/wijkagent --justify "$why" --informed yes
step "refused: school/zorgcoordinator → $second_school, L0: narrative (what the police wrote, passed on)"
refused school/zorgcoordinator ONWARD_FORBIDDEN --channel theme --level L0 --category wapen --purpose dreiging \
  --forward "$sig4" --to "$second_school" --text "De dreiging is voorbij."
step "refused: school/zorgcoordinator → school/zorgcoordinator@elders, L2: narrative, identity (no bridge); → vorige-school/directeur, L1: narrative"
refused school/zorgcoordinator NO_BRIDGE --channel direct@school-a "${named[@]}" --to school/zorgcoordinator@elders \
  --identity "$work/identity.json" --identity-to school/zorgcoordinator@elders
refused school/zorgcoordinator NOT_A_PARTY --channel direct@school-a --level L1 --category wapen --purpose dreiging \
  --case "$case_ref" --to vorige-school/directeur --text "Is er een dossier?"

step "the broker is searched: disk, log and memory"
broker_pid=$(jq -r '.pids[0]' "$lab/lab.json")
# The broker lets only root read its memory.
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" gdb -p "$broker_pid" -batch -ex 'set dump-excluded-mappings on' -ex 'set use-coredump-filter off' \
  -ex "gcore $work/core" > "$work/gdb.log" 2>&1 || { cat "$work/gdb.log" >&2; fail "no core dump"; }
"${as_root[@]}" chown "$(id -u)" "$work/core"
# Each place has a text that must be found there, or the search proves nothing.
title=$(sed -n 's/^ *title: *\(.*\)$/\1/p' "$convenant" | head -n 1)
places=()
while read -r folder; do
  case $(basename "$folder") in
    data) places+=(--control "$title" "$folder") ;;
    anchor) places+=(--control "seinpost/$(jq -r .convenant_id "$lab/lab.json")" "$folder") ;;
    keys) places+=(--control "BEGIN CERTIFICATE" "$folder") ;;
    *) fail "no control for $folder" ;;
  esac
done < <(jq -r '.data_dirs[]' "$lab/lab.json")
while read -r log; do places+=(--control "listening on" "$log"); done < <(jq -r '.log_files[]' "$lab/lab.json")
places+=(--control "$title" "$work/core")
"$bin/seinpost-leak-search" --needles "$needles" "${places[@]}" | sed 's/^/      /'

echo "demo: S1 passed"
