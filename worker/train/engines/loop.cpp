// Steps taken one after another with nothing between them, so that the interpreter and its lock are left to others.

#include <cstring>
#include <ctime>
#include <vector>

#include <torch/csrc/inductor/aoti_runtime/interface.h>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>

using Handle = AtenTensorHandle;

static double now()
{
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + 1e-9 * time.tv_nsec;
}

// Take so many steps, and return how many were taken: fewer where one failed.
//
// step, container: the compiled step, which is called with the tensors of `kept` and then with its own of `given`,
// num_given for each step. The handles of `kept` stay the caller's; those of `given` are used up, whatever happens.
// dials: what every step reads its dials from; before each one it gets the next num_dials of `turns`.
// rows: [steps, width], what each step measured. ended: when each one ended, in seconds by the monotonic clock.
extern "C" int64_t take_steps(
    decltype(&AOTInductorModelContainerRun) step, AOTInductorModelContainerHandle container, int64_t steps,
    const Handle *kept, int64_t num_kept, const Handle *given, int64_t num_given,
    double *dials, const double *turns, int64_t num_dials, float *rows, int64_t width, double *ended)
{
    std::vector<Handle> inputs(num_kept + num_given);
    int64_t taken = 0;
    for (; taken < steps; taken++) {
        for (int64_t i = 0; i < num_kept; i++)
            aoti_torch_new_tensor_handle(kept[i], &inputs[i]);
        std::memcpy(&inputs[num_kept], given + taken * num_given, num_given * sizeof(Handle));
        std::memcpy(dials, turns + taken * num_dials, num_dials * sizeof(double));
        Handle row;
        if (step(container, inputs.data(), inputs.size(), &row, 1, nullptr, nullptr))
            break; // its inputs are used up all the same
        void *values;
        aoti_torch_get_data_ptr(row, &values);
        std::memcpy(rows + taken * width, values, width * sizeof(float));
        aoti_torch_delete_tensor_object(row);
        ended[taken] = now();
    }
    for (int64_t i = (taken + 1) * num_given; i < steps * num_given; i++)
        aoti_torch_delete_tensor_object(given[i]);
    return taken;
}
