import type { Check } from "#storage/testkit/check";
import { checkBells } from "#storage/testkit/subjects/bells";
import { checkBranches } from "#storage/testkit/subjects/branches";
import { checkCancel } from "#storage/testkit/subjects/cancel";
import { checkChildren } from "#storage/testkit/subjects/children";
import { checkClaim } from "#storage/testkit/subjects/claim";
import { checkClose } from "#storage/testkit/subjects/close";
import { checkClosing } from "#storage/testkit/subjects/closing";
import { checkCommit } from "#storage/testkit/subjects/commit";
import { checkCopies } from "#storage/testkit/subjects/copies";
import { checkCreate } from "#storage/testkit/subjects/create";
import { checkFanOut } from "#storage/testkit/subjects/fan-out";
import { checkJoins } from "#storage/testkit/subjects/joins";
import { checkLanes } from "#storage/testkit/subjects/lanes";
import { checkLeases } from "#storage/testkit/subjects/leases";
import { checkLists } from "#storage/testkit/subjects/lists";
import { checkOffers } from "#storage/testkit/subjects/offers";
import { checkProgress } from "#storage/testkit/subjects/progress";
import { checkPurge } from "#storage/testkit/subjects/purge";
import { checkQuotas } from "#storage/testkit/subjects/quotas";
import { checkRates } from "#storage/testkit/subjects/rates";
import { checkReasons } from "#storage/testkit/subjects/reasons";
import { checkRepeats } from "#storage/testkit/subjects/repeats";
import { checkRetries } from "#storage/testkit/subjects/retries";
import { checkRoom } from "#storage/testkit/subjects/room";
import { checkSettle } from "#storage/testkit/subjects/settle";
import { checkShards } from "#storage/testkit/subjects/shards";
import { checkStage } from "#storage/testkit/subjects/stage";
import { checkTexts } from "#storage/testkit/subjects/texts";
import { checkValues } from "#storage/testkit/subjects/values";
import { checkWaits } from "#storage/testkit/subjects/waits";
import { checkWorkers } from "#storage/testkit/subjects/workers";

/** What the suite is about, in the order of a job's life. */
export const subjects: Record<string, (check: Check) => void> = {
  create: checkCreate,
  claim: checkClaim,
  leases: checkLeases,
  commit: checkCommit,
  repeats: checkRepeats,
  waits: checkWaits,
  offers: checkOffers,
  lanes: checkLanes,
  settle: checkSettle,
  reasons: checkReasons,
  retries: checkRetries,
  joins: checkJoins,
  "fan-out": checkFanOut,
  branches: checkBranches,
  closing: checkClosing,
  children: checkChildren,
  cancel: checkCancel,
  stage: checkStage,
  progress: checkProgress,
  workers: checkWorkers,
  lists: checkLists,
  quotas: checkQuotas,
  rates: checkRates,
  purge: checkPurge,
  bells: checkBells,
  room: checkRoom,
  values: checkValues,
  texts: checkTexts,
  copies: checkCopies,
  shards: checkShards,
  close: checkClose,
};
