#pragma once
// C shims for what Swift cannot reach portably: run-time loaded libraries and thread placement.

#include "CNativeLibrary.h"
