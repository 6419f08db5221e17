import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.MapperFeature;
import org.nd4j.shade.jackson.databind.PropertyNamingStrategies;
import org.nd4j.shade.jackson.databind.json.JsonMapper;

/** Trains a fully connected network on MNIST with Deeplearning4j. */
public class Train {
    static final int CLASSES = 10;

    // Deeplearning4j has more of them.
    enum HiddenActivation { TANH, RELU, SIGMOID }

    enum Optimizer { SGD, ADAM }

    enum PartialBatch { KEEP, DROP, WRAP }

    enum Precision { FLOAT32, FLOAT64 }

    public Path trainImages;
    public Path trainLabels;
    public Path initialWeights;
    public File model;
    public int inputs;
    public int hiddenLayers;
    public int hiddenUnits;
    public HiddenActivation activation;
    public Optimizer optimizer;
    public double learningRate;
    public double learningRateGamma = 0;
    public double learningRatePower = 1;
    public double momentum = 0;
    public double dampening = 0;
    public boolean nesterov = false;
    public double beta1 = 0.9;
    public double beta2 = 0.999;
    public double epsilon = 1e-8;
    public double weightDecay = 0;
    public int batchSize;
    public PartialBatch partialBatch;
    public int epochs;
    public boolean shuffle;
    public long seed;
    public Precision precision;

    static INDArray readFloats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return Nd4j.createFromArray(values);
    }

    /** Reads labels into an array of shape [images, classes] with a one at each image's digit. */
    static INDArray readLabels(Path file) throws IOException {
        byte[] digits = Files.readAllBytes(file);
        float[] oneHot = new float[digits.length * CLASSES];
        for (int i = 0; i < digits.length; i++) {
            oneHot[i * CLASSES + digits[i]] = 1;
        }
        return Nd4j.createFromArray(oneHot).reshape(-1, CLASSES);
    }

    IUpdater updater() {
        ISchedule rate = new FixedSchedule(learningRate);
        if (learningRateGamma != 0) {
            rate = new InverseSchedule(
                    ScheduleType.ITERATION, learningRate, learningRateGamma, learningRatePower);
        }
        if (optimizer == Optimizer.ADAM) {
            return Adam.builder()
                    .learningRateSchedule(rate)
                    .beta1(beta1)
                    .beta2(beta2)
                    .epsilon(epsilon)
                    .build();
        }
        if (nesterov) {
            return new Nesterovs(rate, momentum);
        }
        return momentum == 0 && dampening == 0
                ? new Sgd(rate)
                : new Momentum(rate, momentum, dampening);
    }

    MultiLayerConfiguration configuration(DataType dataType) {
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(dataType)
                .updater(updater())
                .l2(weightDecay)
                .l2Bias(weightDecay)
                .list();
        int fanIn = inputs;
        for (int i = 0; i < hiddenLayers; i++) {
            layers.layer(new DenseLayer.Builder()
                    .nIn(fanIn)
                    .nOut(hiddenUnits)
                    .activation(Activation.valueOf(activation.name()))
                    .build());
            fanIn = hiddenUnits;
        }
        return layers
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(fanIn)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
    }

    /** Fills the layers from one vector that holds, layer by layer, weights and biases. */
    static void setParameters(MultiLayerNetwork network, INDArray values) {
        long start = 0;
        for (int i = 0; i < network.getnLayers(); i++) {
            for (String name : new String[] {i + "_W", i + "_b"}) {
                INDArray parameter = network.getParam(name);
                long end = start + parameter.length();
                parameter.assign(values.get(NDArrayIndex.interval(start, end))
                        .reshape('c', parameter.shape()));
                start = end;
            }
        }
    }

    void run() throws IOException {
        DataType dataType = precision == Precision.FLOAT32 ? DataType.FLOAT : DataType.DOUBLE;
        Nd4j.setDefaultDataTypes(dataType, dataType);
        System.out.println("ready");

        DataSet data = new DataSet(
                readFloats(trainImages).reshape(-1, inputs).castTo(dataType),
                readLabels(trainLabels).castTo(dataType));
        System.out.println("loaded");

        MultiLayerNetwork network = new MultiLayerNetwork(configuration(dataType));
        network.init();
        setParameters(network, readFloats(initialWeights));
        System.out.println("built");

        Random random = new Random(seed);
        DataSet leftOver = null;
        for (int epoch = 1; epoch <= epochs; epoch++) {
            if (shuffle) {
                data.shuffle(random.nextLong());
            }
            DataSet images = leftOver == null ? data : DataSet.merge(List.of(leftOver, data));
            int count = images.numExamples();
            int whole = partialBatch == PartialBatch.KEEP ? count : count - count % batchSize;
            network.fit(new ViewIterator((DataSet) images.getRange(0, whole), batchSize));
            leftOver = partialBatch == PartialBatch.WRAP && whole < count
                    ? ((DataSet) images.getRange(whole, count)).copy()
                    : null;
            System.out.println("epoch " + epoch);
        }

        model.mkdirs();
        // The saved network is for predictions, where Momentum is not known.
        for (int i = 0; i < network.getnLayers(); i++) {
            ((BaseLayer) network.getLayer(i).conf().getLayer()).setIUpdater(new NoOp());
        }
        network.save(new File(model, "model.zip"), false);
        System.out.println("saved");
    }

    public static void main(String[] args) throws IOException {
        Train train = new Train();
        try {
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                    .build()
                    .readerForUpdating(train)
                    .readValue(new File(args[0]));
        } catch (JsonMappingException e) {
            System.err.println("cannot take these settings: " + e.getOriginalMessage());
            System.exit(1);
        }
        if (train.nesterov && train.dampening != 0) {
            System.err.println("Deeplearning4j cannot take Nesterov's step with dampening.");
            System.exit(1);
        }
        train.run();
    }
}

/** Momentum with dampening and without Nesterov's step, which Deeplearning4j does not have. */
class Momentum implements IUpdater {
    private final ISchedule learningRate;
    private final double momentum;
    private final double dampening;

    Momentum(ISchedule learningRate, double momentum, double dampening) {
        this.learningRate = learningRate;
        this.momentum = momentum;
        this.dampening = dampening;
    }

    @Override
    public long stateSize(long numParams) {
        return numParams;
    }

    @Override
    public GradientUpdater<Momentum> instantiate(INDArray viewArray, boolean initializeViewArray) {
        MomentumUpdater updater = new MomentumUpdater();
        updater.setStateViewArray(
                viewArray, viewArray.shape(), viewArray.ordering(), initializeViewArray);
        return updater;
    }

    @Override
    public GradientUpdater<Momentum> instantiate(
            Map<String, INDArray> updaterState, boolean initializeStateArrays) {
        MomentumUpdater updater = new MomentumUpdater();
        updater.setState(updaterState, initializeStateArrays);
        return updater;
    }

    @Override
    public Momentum clone() {
        return new Momentum(learningRate, momentum, dampening);
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
        return learningRate.valueAt(iteration, epoch);
    }

    @Override
    public boolean hasLearningRate() {
        return true;
    }

    @Override
    public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
        throw new UnsupportedOperationException("The learning rate is given to the constructor.");
    }

    private class MomentumUpdater implements GradientUpdater<Momentum> {
        private INDArray velocity;

        @Override
        public Momentum getConfig() {
            return Momentum.this;
        }

        @Override
        public void setState(Map<String, INDArray> stateMap, boolean initialize) {
            velocity = stateMap.get("velocity");
            if (initialize) {
                velocity.assign(0);
            }
        }

        @Override
        public Map<String, INDArray> getState() {
            return Map.of("velocity", velocity);
        }

        @Override
        public void setStateViewArray(
                INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
            setState(Map.of("velocity", viewArray.reshape(gradientOrder, gradientShape)), initialize);
        }

        @Override
        public void applyUpdater(INDArray gradient, int iteration, int epoch) {
            // As in Torch, the first gradient enters the velocity undampened.
            double share = iteration > 0 ? 1 - dampening : 1;
            velocity.muli(momentum).addi(gradient.muli(share * getLearningRate(iteration, epoch)));
            gradient.assign(velocity);
        }
    }
}
