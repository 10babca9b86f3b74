#pragma once
// C shims for what Swift cannot reach portably: run-time loaded libraries and thread placement.

#include "CNativeCurl.h"
#include "CNativeHiGHS.h"
#include "CNativeLibrary.h"
#include "CNativeOnnxRuntime.h"
#include "CNativeOpenVINO.h"
#include "CNativeThreads.h"
