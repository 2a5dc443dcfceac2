// SPDX-License-Identifier: MIT
#include "app/core.h"
