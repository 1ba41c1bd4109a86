// SPDX-License-Identifier: MIT
// What a job's class has of the members that taskrun knows, and which of its members are slips of
// one letter in the names of optional ones: those would be left out silently. C++20 cannot list the
// members of a class, so each name that is one slip away is tried.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// In the order in which taskrun calls them.
inline constexpr std::array<std::string_view, 18> known_job_members{
    "params",          "check",       "begin",        "dataset", "chunk_size", "io_bound",
    "needs_isolation", "has_effects", "keeps_limits", "map",     "reduce",     "identity",
    "print",           "json",        "failure",      "emit",    "unordered",  "emits"};

struct JobMembers {
  std::vector<std::string_view> found;  ///< of the known ones
  std::vector<std::string_view> slips;  ///< members whose names are nearly known ones
};

// clang-format off
#define TASKRUN_MEMBER(name) if constexpr (requires { &J::name; }) has(#name);
#define TASKRUN_LETTERS(before, after)                                            \
  TASKRUN_MEMBER(before##a##after) TASKRUN_MEMBER(before##b##after)               \
  TASKRUN_MEMBER(before##c##after) TASKRUN_MEMBER(before##d##after)               \
  TASKRUN_MEMBER(before##e##after) TASKRUN_MEMBER(before##f##after)               \
  TASKRUN_MEMBER(before##g##after) TASKRUN_MEMBER(before##h##after)               \
  TASKRUN_MEMBER(before##i##after) TASKRUN_MEMBER(before##j##after)               \
  TASKRUN_MEMBER(before##k##after) TASKRUN_MEMBER(before##l##after)               \
  TASKRUN_MEMBER(before##m##after) TASKRUN_MEMBER(before##n##after)               \
  TASKRUN_MEMBER(before##o##after) TASKRUN_MEMBER(before##p##after)               \
  TASKRUN_MEMBER(before##q##after) TASKRUN_MEMBER(before##r##after)               \
  TASKRUN_MEMBER(before##s##after) TASKRUN_MEMBER(before##t##after)               \
  TASKRUN_MEMBER(before##u##after) TASKRUN_MEMBER(before##v##after)               \
  TASKRUN_MEMBER(before##w##after) TASKRUN_MEMBER(before##x##after)               \
  TASKRUN_MEMBER(before##y##after) TASKRUN_MEMBER(before##z##after)               \
  TASKRUN_MEMBER(before##_##after)
// A letter that is left out, another in its place, and one more before it or behind it.
#define TASKRUN_TYPO(before, letter, after)                                       \
  TASKRUN_MEMBER(before##after) TASKRUN_LETTERS(before, after)                    \
  TASKRUN_LETTERS(before, letter##after) TASKRUN_LETTERS(before##letter, after)
// For each optional member its letters, those swapped with their neighbours, and the name in camel
// case.
#define TASKRUN_SLIPS \
  TASKRUN_TYPO(, f, ailure) TASKRUN_TYPO(f, a, ilure) TASKRUN_TYPO(fa, i, lure) \
  TASKRUN_TYPO(fai, l, ure) TASKRUN_TYPO(fail, u, re) TASKRUN_TYPO(failu, r, e) \
  TASKRUN_TYPO(failur, e, ) TASKRUN_MEMBER(afilure) TASKRUN_MEMBER(failrue) \
  TASKRUN_MEMBER(failuer) TASKRUN_MEMBER(faiulre) TASKRUN_MEMBER(faliure) TASKRUN_MEMBER(fialure) \
  TASKRUN_TYPO(, c, heck) TASKRUN_TYPO(c, h, eck) TASKRUN_TYPO(ch, e, ck) TASKRUN_TYPO(che, c, k) \
  TASKRUN_TYPO(chec, k, ) TASKRUN_MEMBER(cehck) TASKRUN_MEMBER(chcek) TASKRUN_MEMBER(chekc) \
  TASKRUN_MEMBER(hceck) \
  TASKRUN_TYPO(, c, hunk_size) TASKRUN_TYPO(c, h, unk_size) TASKRUN_TYPO(ch, u, nk_size) \
  TASKRUN_TYPO(chu, n, k_size) TASKRUN_TYPO(chun, k, _size) TASKRUN_TYPO(chunk, _, size) \
  TASKRUN_TYPO(chunk_, s, ize) TASKRUN_TYPO(chunk_s, i, ze) TASKRUN_TYPO(chunk_si, z, e) \
  TASKRUN_TYPO(chunk_siz, e, ) TASKRUN_MEMBER(chnuk_size) TASKRUN_MEMBER(chukn_size) \
  TASKRUN_MEMBER(chun_ksize) TASKRUN_MEMBER(chunk_isze) TASKRUN_MEMBER(chunk_siez) \
  TASKRUN_MEMBER(chunk_szie) TASKRUN_MEMBER(chunks_ize) TASKRUN_MEMBER(cuhnk_size) \
  TASKRUN_MEMBER(hcunk_size) TASKRUN_MEMBER(chunkSize) \
  TASKRUN_TYPO(, i, o_bound) TASKRUN_TYPO(i, o, _bound) TASKRUN_TYPO(io, _, bound) \
  TASKRUN_TYPO(io_, b, ound) TASKRUN_TYPO(io_b, o, und) TASKRUN_TYPO(io_bo, u, nd) \
  TASKRUN_TYPO(io_bou, n, d) TASKRUN_TYPO(io_boun, d, ) TASKRUN_MEMBER(i_obound) \
  TASKRUN_MEMBER(io_bonud) TASKRUN_MEMBER(io_boudn) TASKRUN_MEMBER(io_buond) \
  TASKRUN_MEMBER(io_obund) TASKRUN_MEMBER(iob_ound) TASKRUN_MEMBER(oi_bound) \
  TASKRUN_MEMBER(ioBound) \
  TASKRUN_TYPO(, n, eeds_isolation) TASKRUN_TYPO(n, e, eds_isolation) \
  TASKRUN_TYPO(ne, e, ds_isolation) TASKRUN_TYPO(nee, d, s_isolation) \
  TASKRUN_TYPO(need, s, _isolation) TASKRUN_TYPO(needs, _, isolation) \
  TASKRUN_TYPO(needs_, i, solation) TASKRUN_TYPO(needs_i, s, olation) \
  TASKRUN_TYPO(needs_is, o, lation) TASKRUN_TYPO(needs_iso, l, ation) \
  TASKRUN_TYPO(needs_isol, a, tion) TASKRUN_TYPO(needs_isola, t, ion) \
  TASKRUN_TYPO(needs_isolat, i, on) TASKRUN_TYPO(needs_isolati, o, n) \
  TASKRUN_TYPO(needs_isolatio, n, ) TASKRUN_MEMBER(eneds_isolation) \
  TASKRUN_MEMBER(nedes_isolation) TASKRUN_MEMBER(need_sisolation) TASKRUN_MEMBER(needs_ioslation) \
  TASKRUN_MEMBER(needs_isloation) TASKRUN_MEMBER(needs_isoaltion) TASKRUN_MEMBER(needs_isolaiton) \
  TASKRUN_MEMBER(needs_isolatino) TASKRUN_MEMBER(needs_isolatoin) TASKRUN_MEMBER(needs_isoltaion) \
  TASKRUN_MEMBER(needs_siolation) TASKRUN_MEMBER(needsi_solation) TASKRUN_MEMBER(neesd_isolation) \
  TASKRUN_MEMBER(needsIsolation) \
  TASKRUN_TYPO(, h, as_effects) TASKRUN_TYPO(h, a, s_effects) TASKRUN_TYPO(ha, s, _effects) \
  TASKRUN_TYPO(has, _, effects) TASKRUN_TYPO(has_, e, ffects) TASKRUN_TYPO(has_e, f, fects) \
  TASKRUN_TYPO(has_ef, f, ects) TASKRUN_TYPO(has_eff, e, cts) TASKRUN_TYPO(has_effe, c, ts) \
  TASKRUN_TYPO(has_effec, t, s) TASKRUN_TYPO(has_effect, s, ) TASKRUN_MEMBER(ahs_effects) \
  TASKRUN_MEMBER(ha_seffects) TASKRUN_MEMBER(has_efefcts) TASKRUN_MEMBER(has_effcets) \
  TASKRUN_MEMBER(has_effecst) TASKRUN_MEMBER(has_effetcs) TASKRUN_MEMBER(has_fefects) \
  TASKRUN_MEMBER(hase_ffects) TASKRUN_MEMBER(hsa_effects) TASKRUN_MEMBER(hasEffects) \
  TASKRUN_TYPO(, k, eeps_time_limit) TASKRUN_TYPO(k, e, eps_time_limit) \
  TASKRUN_TYPO(ke, e, ps_time_limit) TASKRUN_TYPO(kee, p, s_time_limit) \
  TASKRUN_TYPO(keep, s, _time_limit) TASKRUN_TYPO(keeps, _, time_limit) \
  TASKRUN_TYPO(keeps_, t, ime_limit) TASKRUN_TYPO(keeps_t, i, me_limit) \
  TASKRUN_TYPO(keeps_ti, m, e_limit) TASKRUN_TYPO(keeps_tim, e, _limit) \
  TASKRUN_TYPO(keeps_time, _, limit) TASKRUN_TYPO(keeps_time_, l, imit) \
  TASKRUN_TYPO(keeps_time_l, i, mit) TASKRUN_TYPO(keeps_time_li, m, it) \
  TASKRUN_TYPO(keeps_time_lim, i, t) TASKRUN_TYPO(keeps_time_limi, t, ) \
  TASKRUN_MEMBER(ekeps_time_limit) TASKRUN_MEMBER(keep_stime_limit) \
  TASKRUN_MEMBER(keeps_itme_limit) TASKRUN_MEMBER(keeps_tiem_limit) \
  TASKRUN_MEMBER(keeps_tim_elimit) TASKRUN_MEMBER(keeps_time_ilmit) \
  TASKRUN_MEMBER(keeps_time_liimt) TASKRUN_MEMBER(keeps_time_limti) \
  TASKRUN_MEMBER(keeps_time_lmiit) TASKRUN_MEMBER(keeps_timel_imit) \
  TASKRUN_MEMBER(keeps_tmie_limit) TASKRUN_MEMBER(keepst_ime_limit) \
  TASKRUN_MEMBER(keesp_time_limit) TASKRUN_MEMBER(kepes_time_limit) \
  TASKRUN_MEMBER(keepsTimeLimit) \
  TASKRUN_TYPO(, i, dentity) TASKRUN_TYPO(i, d, entity) TASKRUN_TYPO(id, e, ntity) \
  TASKRUN_TYPO(ide, n, tity) TASKRUN_TYPO(iden, t, ity) TASKRUN_TYPO(ident, i, ty) \
  TASKRUN_TYPO(identi, t, y) TASKRUN_TYPO(identit, y, ) TASKRUN_MEMBER(dientity) \
  TASKRUN_MEMBER(idenitty) TASKRUN_MEMBER(identiyt) TASKRUN_MEMBER(identtiy) \
  TASKRUN_MEMBER(idetnity) TASKRUN_MEMBER(idnetity) TASKRUN_MEMBER(iedntity) \
  TASKRUN_TYPO(, j, son) TASKRUN_TYPO(j, s, on) TASKRUN_TYPO(js, o, n) TASKRUN_TYPO(jso, n, ) \
  TASKRUN_MEMBER(josn) TASKRUN_MEMBER(jsno) TASKRUN_MEMBER(sjon) \
  TASKRUN_TYPO(, u, nordered) TASKRUN_TYPO(u, n, ordered) TASKRUN_TYPO(un, o, rdered) \
  TASKRUN_TYPO(uno, r, dered) TASKRUN_TYPO(unor, d, ered) TASKRUN_TYPO(unord, e, red) \
  TASKRUN_TYPO(unorde, r, ed) TASKRUN_TYPO(unorder, e, d) TASKRUN_TYPO(unordere, d, ) \
  TASKRUN_MEMBER(nuordered) TASKRUN_MEMBER(unodrered) TASKRUN_MEMBER(unordeerd) \
  TASKRUN_MEMBER(unorderde) TASKRUN_MEMBER(unordreed) TASKRUN_MEMBER(unoredred) \
  TASKRUN_MEMBER(unrodered) TASKRUN_MEMBER(uonrdered) \
  TASKRUN_TYPO(, e, mits) TASKRUN_TYPO(e, m, its) TASKRUN_TYPO(em, i, ts) TASKRUN_TYPO(emi, t, s) \
  TASKRUN_TYPO(emit, s, ) TASKRUN_MEMBER(eimts) TASKRUN_MEMBER(emist) TASKRUN_MEMBER(emtis) \
  TASKRUN_MEMBER(meits)

template <class J>
JobMembers members_of_job() {
  JobMembers members;
  const auto has = [&](std::string_view name) {
    const auto& known = known_job_members;
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    auto& names = is_known ? members.found : members.slips;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  TASKRUN_MEMBER(params) TASKRUN_MEMBER(check) TASKRUN_MEMBER(begin)
  TASKRUN_MEMBER(dataset) TASKRUN_MEMBER(chunk_size)
  TASKRUN_MEMBER(io_bound) TASKRUN_MEMBER(needs_isolation) TASKRUN_MEMBER(has_effects)
  TASKRUN_MEMBER(keeps_limits) TASKRUN_MEMBER(map) TASKRUN_MEMBER(reduce)
  TASKRUN_MEMBER(identity) TASKRUN_MEMBER(print) TASKRUN_MEMBER(json) TASKRUN_MEMBER(failure) TASKRUN_MEMBER(emit)
  TASKRUN_MEMBER(unordered) TASKRUN_MEMBER(emits)
  TASKRUN_SLIPS
  return members;
}
#undef TASKRUN_MEMBER
#undef TASKRUN_LETTERS
#undef TASKRUN_TYPO
#undef TASKRUN_SLIPS
// clang-format on

}  // namespace taskrun
